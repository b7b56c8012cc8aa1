// A button that puts a text on the clipboard from the very click, because browsers allow it then only. The text is data
// and never becomes part of the page.

const SAID_FOR_MS = 2000
const STYLE = `
button { background: none; border: 0; padding: 0.25rem 0.1rem; margin: 0; cursor: pointer; min-height: 1.8rem; white-space: nowrap;
  font: inherit; font-family: var(--st-font); font-size: 0.875rem; color: var(--st-text-color); border-radius: 0.3rem; }
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
`

// The clipboard API is there on https and on this machine; through another name the older way still works.
async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement("textarea")
    area.value = text
    area.style.cssText = "position: fixed; opacity: 0"
    root.append(area)
    area.select()
    const done = document.execCommand("copy")
    area.remove()
    return done
  }
}

export default function (component) {
  const { parentElement: root, data } = component
  if (!root.copyButton) {
    const style = document.createElement("style")
    style.textContent = STYLE
    root.copyButton = document.createElement("button")
    root.append(style, root.copyButton)
  }
  const button = root.copyButton
  button.textContent = data.label
  button.onclick = async () => {
    button.textContent = (await copy(data.text, root)) ? data.done : data.failed
    setTimeout(() => (button.textContent = data.label), SAID_FOR_MS)
  }
}
