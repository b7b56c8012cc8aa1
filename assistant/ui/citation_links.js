// Listens for clicks on citation markers anywhere in the page, tells Python which one it was, and scrolls on request.
// A click that opens a new tab would open a second, empty session of the app: it is answered here as well.

const MARKER = 'a[href^="#cite-"]'
const PATIENCE_MS = 4000
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

// What is to be scrolled to is often drawn only after this component: look again with each change of the page.
function scrollTo(elementClass) {
  const show = () => {
    const element = document.getElementsByClassName(elementClass)[0]
    if (!element) return false
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    element.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" })
    return true
  }
  if (show()) return
  const watcher = new MutationObserver(() => show() && watcher.disconnect())
  watcher.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] })
  setTimeout(() => watcher.disconnect(), PATIENCE_MS)
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
