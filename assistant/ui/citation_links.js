// Listens for clicks on citation markers anywhere in the page, tells Python which one it was, and scrolls on request.
// A click that opens a new tab would open a second, empty session of the app: it is answered here as well.

const MARKER = 'a[href^="#cite-"]'
const MARGIN = 72 // pixels above the passage: the page's own header is that high
const LOOKS_MS = [50, 400, 1000, 2000]
const lastScroll = new Map()

function listen(root) {
  const answer = (event) => {
    const link = event.target instanceof Element ? event.target.closest(MARKER) : null
    // A heading of a note may be called "cite a-1 2" and get such an anchor: only a written marker counts.
    if (!link || !/^\[\d+\]$/.test(link.textContent) || (event.type === "auxclick" && event.button !== 1)) return
    event.preventDefault()
    event.stopPropagation()
    root.tellPython(link.getAttribute("href").slice("#cite-".length))
  }
  document.addEventListener("click", answer, true)
  document.addEventListener("auxclick", answer, true)
  return () => {
    document.removeEventListener("click", answer, true)
    document.removeEventListener("auxclick", answer, true)
  }
}

// The nearest frame that scrolls by itself moves alone, so that the chat beside it stays where it is.
function bring(element) {
  for (let frame = element.parentElement; frame && frame.dataset.testid !== "stMain"; frame = frame.parentElement) {
    if (frame.scrollHeight > frame.clientHeight + 1 && getComputedStyle(frame).overflowY === "auto") {
      frame.scrollTop += element.getBoundingClientRect().top - frame.getBoundingClientRect().top - 2 * MARGIN
      return
    }
  }
  element.style.scrollMarginTop = `${MARGIN}px`
  element.scrollIntoView({ block: "start" })
}

// What is to be scrolled to is often drawn only after this component, and Streamlit itself scrolls a chat to its end
// while pictures arrive: so this looks again for a while, until the reader scrolls.
function scrollTo(elementClass) {
  let reading = false
  const stop = () => (reading = true)
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(kind, stop, { once: true, capture: true, passive: true })
  }
  for (const delay of LOOKS_MS) {
    setTimeout(() => {
      const element = document.getElementsByClassName(elementClass)[0]
      if (element && !reading) bring(element)
    }, delay)
  }
}

export default function (component) {
  const { parentElement: root, setTriggerValue, data } = component
  // There is nothing to see here, but the page would leave a gap for it.
  root.host?.closest('[data-testid="stElementContainer"]')?.style.setProperty("display", "none")
  if (data.listen) {
    root.tellPython = (marker) => setTriggerValue("clicked", marker)
    root.stopListening ??= listen(root)
  }
  if (data.scroll_to && lastScroll.get(data.scroll_to) !== data.occasion) {
    lastScroll.set(data.scroll_to, data.occasion)
    scrollTo(data.scroll_to)
  }
  return () => {
    root.stopListening?.()
    root.stopListening = undefined
  }
}
