/** /docs: the host in its commands, and the theme. */
import { text } from '../common/elements.ts'
import { startTheme } from '../common/theme.ts'

const WRITTEN_HOST = 'http://127.0.0.1:8787' // scripts/docs/docs-page.ts

text('curl').textContent = text('curl').textContent!.replaceAll(WRITTEN_HOST, location.origin)
startTheme(() => {})
