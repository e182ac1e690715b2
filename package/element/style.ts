/** The shadow root's style sheet. The photograph lies over the preview and appears when it has loaded. */
export const STYLE = `
:host { display: inline-block; position: relative; overflow: hidden; vertical-align: middle; max-width: 100%;
  width: var(--latent-width, auto); aspect-ratio: var(--latent-ratio, auto) }
:host([hidden]) { display: none }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover }
::slotted(img) { display: block; position: relative; width: 100% !important; height: 100% !important; object-fit: cover; opacity: 0 }
:host([state=loaded]) ::slotted(img), :host([state=error]) ::slotted(img) { opacity: 1 }
:host([state=loaded]) canvas { visibility: hidden }
@media (prefers-reduced-motion: no-preference) {
  :host([fade]) ::slotted(img) { transition: opacity var(--latent-fade, .4s) ease-out }
  :host([fade]) canvas { transition: visibility 0s var(--latent-fade, .4s) }
}`
