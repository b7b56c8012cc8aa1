// A button that saves an SVG as a PNG. The SVG is only ever the source of an image: browsers run nothing and fetch nothing in one.

const LARGEST = 16000 // pixels of an edge that browsers still draw
const SHARPNESS = 2
const STYLE = `
button { background: none; border: 1px solid rgba(128, 128, 128, 0.45); border-radius: 0.5rem; padding: 0.25rem 0.75rem; margin: 0;
  cursor: pointer; min-height: 2.5rem; white-space: nowrap; font: inherit; font-size: 0.875rem; font-family: var(--st-font); color: var(--st-text-color); }
button:hover { color: var(--st-primary-color); border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
`

async function asPicture(svg) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const scale = Math.min(SHARPNESS, LARGEST / image.width, LARGEST / image.height)
    const canvas = document.createElement("canvas")
    canvas.width = Math.ceil(image.width * scale)
    canvas.height = Math.ceil(image.height * scale)
    const pen = canvas.getContext("2d")
    pen.fillStyle = "#ffffff"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((done) => canvas.toBlob(done, "image/png"))
  } finally {
    URL.revokeObjectURL(address)
  }
}

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}

export default function (component) {
  const { parentElement: root, data } = component
  if (!root.pictureButton) {
    const style = document.createElement("style")
    style.textContent = STYLE
    root.pictureButton = document.createElement("button")
    root.append(style, root.pictureButton)
  }
  const button = root.pictureButton
  button.textContent = data.label
  button.onclick = async () => {
    try {
      const blob = await asPicture(data.svg)
      if (blob) save(blob, data.name)
      else button.textContent = data.failed
    } catch {
      button.textContent = data.failed
    }
  }
}
