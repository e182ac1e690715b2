/** `npm run setup:webgpu`: Dawn for Node (npm `webgpu`, 132 MB) and tfjs-backend-webgpu, then looks for a GPU. */
import { spawnSync } from 'node:child_process'
import { loadWebGpu } from '../backends/load-webgpu.ts'

function install(): void {
  console.log('- installing Dawn and tfjs-backend-webgpu with npm')
  const options = { cwd: import.meta.dirname, stdio: 'inherit', shell: process.platform === 'win32' } as const
  const child = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options)
  if (child.status !== 0) {
    throw new Error(
      'npm could not install train/webgpu. Is the npm registry reachable (npm ping), and 0.2 GB of disk free?',
    )
  }
}

try {
  install()
  console.log(`done, on ${await loadWebGpu({ softwareGpu: true })}: npm run train -- --backend webgpu`)
  process.exit(0) // Dawn's device keeps the event loop alive
} catch (error) {
  console.error(`setup:webgpu: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
