// The keys of the chat: / goes to the question, Esc stops the answer, and Enter that only ends the choice of a Chinese
// word is kept from being taken for "send". Nothing that is typed leaves this file.

const QUESTION = '[data-testid="stChatInputTextArea"]'
const RUNNING = '[data-testid="stApp"][data-test-script-state="running"]'
const PATIENCE_MS = 2000
const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]'

// An answer that has just begun runs a moment before its button is drawn, and a click between two runs of the page is
// lost: Esc waits for the button and presses it until the answer has ended. The button of a later answer is left alone.
function stopAnswer(until, pressed) {
  const place = document.querySelector('[class*="st-key-stop-"]')
  const name = place && [...place.classList].find((one) => one.startsWith("st-key-stop-"))
  if (pressed && name !== pressed) return
  const stop = place?.querySelector("button:not(:disabled)")
  stop?.click()
  if (Date.now() < until && document.querySelector(RUNNING)) setTimeout(stopAnswer, stop ? 300 : 50, until, stop ? name : pressed)
}

function onKey(event) {
  const target = event.target instanceof Element ? event.target : null
  // Safari ends a composition before the key that ended it; 229 still says that an input method took the key.
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
    if (target?.closest(QUESTION)) event.stopPropagation()
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
  if (event.key === "/" && !target?.closest(TYPING)) {
    const question = document.querySelector(QUESTION)
    if (!question || question.disabled) return
    event.preventDefault()
    question.focus()
  } else if (event.key === "Escape" && !document.querySelector('[role="dialog"], [data-baseweb="popover"]')) {
    stopAnswer(Date.now() + PATIENCE_MS, "")
  }
}

export default function (component) {
  const root = component.parentElement
  root.host?.closest('[data-testid="stElementContainer"]')?.style.setProperty("display", "none")
  // A listener of its own for each place: one shared by two was taken away by the old place's end, and no key was heard.
  document.removeEventListener("keydown", root.listen, true)
  const listen = (event) => onKey(event)
  root.listen = listen
  document.addEventListener("keydown", listen, true)
  return () => document.removeEventListener("keydown", listen, true)
}
