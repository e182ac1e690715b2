/**
 * Loaded before a command (node --import): says what is missing, in a line, instead of Node's "Unknown file
 * extension". JavaScript, because the Node without TypeScript is the one that needs it.
 */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `latent64 runs on Node 22.18 or newer, and this is ${process.version}. npm ci installs one of its own, unless it was ` +
      'told not to run scripts (--ignore-scripts, or ignore-scripts in an .npmrc). Run: npm rebuild node\n',
  )
  process.exit(1)
}
