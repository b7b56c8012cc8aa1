// Tells browser and screen reader the language of the page (it also decides which shapes Chinese characters get), and
// lets the Tab key reach what scrolls sideways: wide code, tables and formulas, which not every browser offers itself.
// Where pages share an entry of the sidebar, colour alone shows which entry and which page is open: this says it, too.

const MAY_SCROLL = 'pre, .katex-display, [data-testid="stTable"], [data-testid="stTable"] div, [data-testid="stMarkdownContainer"] div'
const EVERY_MS = 400
const ROW = "st-key-siblings-" // and the address of the entry: the row of links to the pages that share it

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

const pageOf = (address) => address.pathname.split("/").pop()

// Streamlit itself marks the entry of the page that it leads to as "page", and takes that away again.
function sayWhichIsOpen() {
  const row = document.querySelector(`[class*="${ROW}"]`)
  const entry = row && [...row.classList].find((name) => name.startsWith(ROW))?.slice(ROW.length)
  for (const link of document.querySelectorAll('[data-testid="stSidebarNavLink"]')) {
    mark(link, "true", pageOf(link) === entry)
  }
  for (const link of row?.querySelectorAll("a") ?? []) mark(link, "page", pageOf(link) === pageOf(location))
}

function mark(link, word, open) {
  if (open && !link.hasAttribute("aria-current")) link.setAttribute("aria-current", word)
  if (!open && link.getAttribute("aria-current") === word) link.removeAttribute("aria-current")
}

function watch() {
  let waiting = 0
  const look = () => {
    waiting = 0
    reachable()
    sayWhichIsOpen()
  }
  const soon = () => (waiting ||= setTimeout(look, EVERY_MS))
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
