// Enhancements only: every task of these pages works without this script.
import { initAll } from './govuk.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// A page that nobody uses is locked, with what was entered on it. All tabs of a browser count as one.
const lock = document.getElementById('lock')
if (lock) {
  const used = 'solidary-used'
  const note = () => localStorage.setItem(used, String(Date.now()))
  for (const kind of ['keydown', 'pointerdown', 'scroll']) addEventListener(kind, note, { passive: true })
  note()
  lock.addEventListener('submit', () => {
    const entered = document.querySelector('main form[method="post"]:not([action])')
    for (const [name, value] of entered ? new FormData(entered) : []) {
      if (['csrf', 'key'].includes(name) || typeof value !== 'string') continue
      lock.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    }
  })
  const limit = Number(lock.dataset.seconds) * 1000
  const watch = setInterval(() => {
    if (Date.now() - Number(localStorage.getItem(used)) < limit) return
    clearInterval(watch)
    lock.requestSubmit()
  }, 1000)
}
