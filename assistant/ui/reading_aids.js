// Tells browser and screen reader the language of the page (it also decides which shapes Chinese characters get), and
// lets the Tab key reach what scrolls sideways: wide code, tables and formulas, which not every browser offers itself.

const MAY_SCROLL = 'pre, .katex-display, [data-testid="stTable"], [data-testid="stTable"] div, [data-testid="stMarkdownContainer"] div'
const EVERY_MS = 400

function scrolls(element) {
  if (element.scrollWidth <= element.clientWidth + 1) return false
  return /auto|scroll/.test(getComputedStyle(element).overflowX)
}

function reachable() {
  for (const element of document.querySelectorAll(MAY_SCROLL)) {
    if (scrolls(element)) {
      if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "0")
    }
  }
}

function watch() {
  let waiting = 0
  const soon = () => (waiting ||= setTimeout(() => { waiting = 0; reachable() }, EVERY_MS))
  const observer = new MutationObserver(soon)
  observer.observe(document.body, { childList: true, subtree: true, characterData: true })
  window.addEventListener("resize", soon)
  soon()
  return () => {
    clearTimeout(waiting)
    observer.disconnect()
    window.removeEventListener("resize", soon)
  }
}

export default function (component) {
  const { parentElement: root, data } = component
  // There is nothing to see here, but the page would leave a gap for it.
  root.host?.closest('[data-testid="stElementContainer"]')?.style.setProperty("display", "none")
  document.documentElement.lang = data.language
  root.stopWatching ??= watch()
  return () => {
    root.stopWatching?.()
    root.stopWatching = undefined
  }
}
