/**
 * Loaded before a command (node --import): says in a line what is missing, instead of Node's "Unknown file extension".
 * It is JavaScript because a Node that cannot run TypeScript needs it.
 */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `latent64 runs on Node 22.18 or newer, and this is ${process.version}. npm ci installs one of its own, unless it was ` +
      'told not to run scripts (--ignore-scripts, or ignore-scripts in an .npmrc). Run: npm rebuild node\n',
  )
  process.exit(1)
}
