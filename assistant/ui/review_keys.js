// The keys of the review page: space turns the card (and then means "good"), 1 to 4 grade it, U takes the latest grade
// back. They press the buttons that are on the page, so that a key can do nothing that a click cannot.

const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]'
const OWN = '.st-key-turn, .st-key-grades'
const BUSY = '[data-testid="stApp"][data-test-script-state="running"]'

function press(key) {
  const button = document.querySelector(`.st-key-${key} button:not(:disabled)`)
  if (button) button.click()
  return Boolean(button)
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || event.defaultPrevented) return
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest(TYPING) || document.querySelector('[role="dialog"], [data-baseweb="popover"]')) return
  if (event.key === " ") {
    // A button elsewhere that has the focus is what space is meant for; to a link, such as the one that led here, it means nothing.
    if (target?.closest("button, summary, [role=button]") && !target.closest(OWN)) return
    event.preventDefault()
    if (!document.querySelector(BUSY)) press("turn") || press("grade-3")
  } else if (/^[1-4]$/.test(event.key)) {
    if (!document.querySelector(BUSY)) press(`grade-${event.key}`)
  } else if (event.key === "u" || event.key === "U") {
    if (!document.querySelector(BUSY)) press("undo")
  }
}

// Who has just put a card aside with the mouse means the next card by space, and not to put that aside as well.
function onClick(event) {
  if (event.detail && event.target instanceof Element) event.target.closest(".st-key-card-row button")?.blur()
}

// A focused button would also be pressed when the space bar is let go.
function onKeyUp(event) {
  if (event.key === " " && event.target instanceof Element && event.target.closest(OWN)) event.preventDefault()
}

export default function (component) {
  const root = component.parentElement
  root.host?.closest('[data-testid="stElementContainer"]')?.style.setProperty("display", "none")
  if (!root.listening) {
    document.addEventListener("keydown", onKey, true)
    document.addEventListener("keyup", onKeyUp, true)
    document.addEventListener("click", onClick)
  }
  root.listening = true
  return () => {
    document.removeEventListener("keydown", onKey, true)
    document.removeEventListener("keyup", onKeyUp, true)
    document.removeEventListener("click", onClick)
    root.listening = false
  }
}
