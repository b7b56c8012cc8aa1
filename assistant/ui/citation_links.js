// Listens for clicks on citation markers anywhere in the page, tells Python which one it was, shows what it quotes
// under the pointer or the keyboard's focus, colours what is quoted in the open passage, and scrolls on request.
// Words of notes arrive as data and become text or a place to colour, never markup.

const MARKER = 'a[href^="#cite-"]'
const MARGIN = 72 // pixels above the passage: the page's own header is that high
const LOOKS_MS = [50, 400, 1000, 2000]
const REDRAWN_MS = 120
const ENDS = 10 // letters that begin and end a quotation whose middle looks different on screen, as a formula does
const lastScroll = new Map()
const quoted = new Map() // class of a container -> ranges that are coloured in it
let popup = null

function markerOf(target) {
  const link = target instanceof Element ? target.closest(MARKER) : null
  // A heading of a note may be called "cite a-1 2" and get such an anchor: only a written marker counts.
  return link && /^\[\d+\]$/.test(link.textContent) ? link : null
}

// Which of the places where this marker stands; nothing where the answer's quotations do not go with them one by one.
function occurrenceOf(link, remark) {
  const links = [...document.querySelectorAll(`${MARKER}[href="${link.getAttribute("href")}"]`)].filter(markerOf)
  return remark && remark.said.length === links.length ? links.indexOf(link) : -1
}

function remarkOf(root, link) {
  const id = link.getAttribute("href").slice("#cite-".length)
  const remark = Object.hasOwn(root.remarks, id) ? root.remarks[id] : null
  const occurrence = occurrenceOf(link, remark)
  return { id, occurrence, where: remark?.where, said: occurrence < 0 ? remark?.together : [remark.said[occurrence]] }
}

function hidePopup() {
  popup?.remove()
  popup = null
}

function showPopup(root, link) {
  hidePopup()
  const { where, said } = remarkOf(root, link)
  if (!where) return
  popup = document.createElement("div")
  popup.className = "cite-quote"
  popup.setAttribute("aria-hidden", "true") // the marker's own label says the same
  const head = document.createElement("b")
  head.textContent = where
  popup.append(head)
  for (const words of said) {
    const line = document.createElement("div")
    line.textContent = words
    popup.append(line)
  }
  const app = getComputedStyle(document.querySelector(".stApp") ?? document.body)
  popup.style.background = app.backgroundColor
  popup.style.color = app.color
  popup.style.fontFamily = app.fontFamily
  document.body.append(popup)
  const at = link.getBoundingClientRect()
  const above = at.top > popup.offsetHeight + 8
  popup.style.top = `${above ? at.top - popup.offsetHeight - 6 : at.bottom + 6}px`
  popup.style.left = `${Math.max(8, Math.min(at.left - 20, innerWidth - popup.offsetWidth - 8))}px`
}

function nameMarkers(root) {
  for (const link of document.querySelectorAll(MARKER)) {
    if (!markerOf(link)) continue
    const { where, said } = remarkOf(root, link)
    const name = where ? [where, ...said].join(" ") : ""
    if (name && link.getAttribute("aria-label") !== name) link.setAttribute("aria-label", name)
  }
}

// A click before this script was there was followed by the browser: its mark in the address is answered now, once.
function answerMissedClick(root) {
  const missed = location.hash.match(/^#cite-([A-Za-z0-9_-]+-\d{1,3})$/)
  if (!missed) return
  history.replaceState(history.state, "", location.pathname + location.search)
  root.tellPython(missed[1])
}

// A click that opens a new tab would open a second, empty session of the app: it is answered here as well.
function listen(root) {
  const answer = (event) => {
    const link = markerOf(event.target)
    if (!link || (event.type === "auxclick" && event.button !== 1)) return
    event.preventDefault()
    event.stopPropagation()
    hidePopup()
    const { id, occurrence } = remarkOf(root, link)
    root.tellPython(occurrence < 0 ? id : `${id}.${occurrence}`)
  }
  const point = (event) => {
    const link = markerOf(event.target)
    if (link) showPopup(root, link)
    else if (popup) hidePopup()
  }
  const leave = (event) => {
    if (event.type !== "keydown" || event.key === "Escape") hidePopup()
  }
  const reactions = { click: answer, auxclick: answer, mouseover: point, focusin: point, focusout: leave, scroll: leave, keydown: leave }
  for (const [kind, reaction] of Object.entries(reactions)) document.addEventListener(kind, reaction, true)
  const stopWatching = watch(() => nameMarkers(root))
  return () => {
    for (const [kind, reaction] of Object.entries(reactions)) document.removeEventListener(kind, reaction, true)
    stopWatching()
    hidePopup()
  }
}

// Calls again whenever the page has been drawn anew, a little later, once for many changes.
function watch(look) {
  let waiting = 0
  const observer = new MutationObserver(() => {
    waiting ||= setTimeout(() => {
      waiting = 0
      look()
    }, REDRAWN_MS)
  })
  observer.observe(document.body, { childList: true, characterData: true, subtree: true })
  look()
  return () => {
    observer.disconnect()
    clearTimeout(waiting)
  }
}

const folded = (text) => [...text.normalize("NFKC").toLowerCase()].filter((sign) => /[\p{L}\p{N}]/u.test(sign))

// The letters and digits that can be read in an element, each with the place it comes from.
function lettersIn(element) {
  const letters = []
  const places = []
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(".katex-mathml, button")) continue
    let offset = 0
    for (const character of node.data) {
      for (const letter of folded(character)) {
        for (let unit = 0; unit < letter.length; unit++) places.push([node, offset, offset + character.length])
        letters.push(letter)
      }
      offset += character.length
    }
  }
  return { text: letters.join(""), places }
}

function rangeOf({ text, places }, quote) {
  const wanted = folded(quote).join("")
  if (!wanted) return null
  let start = text.indexOf(wanted)
  let end = start + wanted.length
  if (start < 0 && wanted.length > 2 * ENDS) {
    start = text.indexOf(wanted.slice(0, ENDS))
    const last = start < 0 ? -1 : text.indexOf(wanted.slice(-ENDS), start + ENDS)
    if (last < 0 || last - start > 2 * wanted.length) return null
    end = last + ENDS
  }
  if (start < 0) return null
  const range = document.createRange()
  range.setStart(places[start][0], places[start][1])
  range.setEnd(places[end - 1][0], places[end - 1][2])
  return range
}

// The browser colours ranges without a change to the page, which React would not survive. Older ones do without.
function colour(root) {
  const element = document.getElementsByClassName(root.markIn)[0]
  const letters = element && globalThis.Highlight ? lettersIn(element) : null
  quoted.set(root.markIn, letters ? root.quotes.map((quote) => rangeOf(letters, quote)).filter(Boolean) : [])
  if (globalThis.Highlight) CSS.highlights.set("cited", new Highlight(...[...quoted.values()].flat()))
}

function stopColouring(root) {
  quoted.delete(root.markIn)
  if (globalThis.Highlight) CSS.highlights.set("cited", new Highlight(...[...quoted.values()].flat()))
}

// The passage begins at the top; of a long one, what is quoted.
function topOf(element, height) {
  const top = element.getBoundingClientRect().top
  const ranges = quoted.get(element.classList.item([...element.classList].findIndex((name) => quoted.has(name)))) ?? []
  const first = Math.min(...ranges.map((range) => range.getBoundingClientRect().top))
  return first - top > height / 2 && Number.isFinite(first) ? first : top
}

// The nearest frame that scrolls by itself moves alone, so that the chat beside it stays where it is.
function bring(element) {
  for (let frame = element.parentElement; frame && frame.dataset.testid !== "stMain"; frame = frame.parentElement) {
    if (frame.scrollHeight > frame.clientHeight + 1 && getComputedStyle(frame).overflowY === "auto") {
      frame.scrollTop += topOf(element, frame.clientHeight) - frame.getBoundingClientRect().top - 2 * MARGIN
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
    root.remarks = data.remarks ?? {}
    root.tellPython = (marker) => setTriggerValue("clicked", marker)
    root.stopListening ??= listen(root)
    nameMarkers(root)
    answerMissedClick(root)
  }
  if (data.mark_in) {
    root.markIn = data.mark_in
    root.quotes = data.quotes
    root.stopMarking ??= watch(() => colour(root))
    colour(root)
  }
  if (data.scroll_to && lastScroll.get(data.scroll_to) !== data.occasion) {
    lastScroll.set(data.scroll_to, data.occasion)
    scrollTo(data.scroll_to)
  }
  return () => {
    root.stopListening?.()
    root.stopListening = undefined
    if (root.stopMarking) {
      root.stopMarking()
      root.stopMarking = undefined
      stopColouring(root)
    }
  }
}
