export const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

export const code = (text: string) => `<code>${escapeHtml(text)}</code>`
