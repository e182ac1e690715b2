/** The choice of model. */
import type { Manifest } from '../../../shared/manifest.ts'
import { element, text } from '../common/elements.ts'

const PREFERRED = 'preview'

/** Fills the choice and returns the first choice: the photo model if there is one, otherwise the first colour model. */
export function showModels(manifests: Manifest[], onChoose: (manifest: Manifest) => void): Manifest {
  const first =
    manifests.find(({ name }) => name === PREFERRED) ??
    manifests.find(({ input }) => input.channels === 3) ??
    manifests[0]
  if (!first) throw new Error('This server has no models.')
  const group = element('models', HTMLFieldSetElement)
  for (const manifest of manifests) group.append(choice(manifest, onChoose))
  markModel(first)
  return first
}

function choice(manifest: Manifest, onChoose: (manifest: Manifest) => void): HTMLElement {
  const { width, height, channels } = manifest.input
  const label = document.createElement('label')
  const radio = document.createElement('input')
  const name = document.createElement('span')
  radio.type = 'radio'
  radio.name = 'model'
  radio.value = manifest.name
  radio.addEventListener('change', () => onChoose(manifest))
  name.textContent = manifest.name
  label.title = `${width} × ${height} ${channels === 3 ? 'colour' : 'grey'}, id ${manifest.id}`
  label.append(radio, name)
  return label
}

export function markModel({ name }: Manifest): void {
  for (const radio of text('models').querySelectorAll('input')) radio.checked = radio.value === name
}
