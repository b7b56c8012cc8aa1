// The keys of the chat: / goes to the question, Esc stops the answer, and Enter that only ends the choice of a Chinese
// word is kept from being taken for "send". Nothing that is typed leaves this file.

const QUESTION = '[data-testid="stChatInputTextArea"]'
const RUNNING = '[data-testid="stApp"][data-test-script-state="running"]'
const PATIENCE_MS = 2000
const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]'

// An answer that has just begun runs a moment before its button is drawn: then Esc waits for it.
function stopAnswer(until) {
  const stop = document.querySelector('[class*="st-key-stop-"] button')
  if (stop) stop.click()
  else if (Date.now() < until && document.querySelector(RUNNING)) setTimeout(stopAnswer, 50, until)
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
    stopAnswer(Date.now() + PATIENCE_MS)
  }
}

export default function (component) {
  const root = component.parentElement
  root.host?.closest('[data-testid="stElementContainer"]')?.style.setProperty("display", "none")
  if (!root.listening) document.addEventListener("keydown", onKey, true)
  root.listening = true
  return () => {
    document.removeEventListener("keydown", onKey, true)
    root.listening = false
  }
}
