import { expect, test } from 'vitest'
import { sourceLink } from '../../scripts/page/page-parts.ts'

test('the page links to the repository that package.json names, and to none while it names none', () => {
  const link = '<a href="https://example.org/team/latent64">source</a>, '
  expect(sourceLink({ repository: 'https://example.org/team/latent64' })).toBe(link)
  expect(sourceLink({ repository: { url: 'git+https://example.org/team/latent64.git' } })).toBe(link)
  expect(sourceLink({ repository: 'github:team/latent64' })).toBe('')
  expect(sourceLink({})).toBe('')
})
