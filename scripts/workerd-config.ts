/** A bundle, its bindings and its assets as a configuration of raw workerd (capnp text). */
import { relative } from 'node:path'
import type { WorkerModule } from './bundle-worker.ts'

interface WorkerdSetup {
  modules: WorkerModule[]
  assets: string
  vars: Record<string, string>
  compatibilityDate: string
  compatibilityFlags: string[]
  port: number
}

const text = (value: string) => JSON.stringify(value) // capnp's strings are escaped as JSON's are

export function workerdConfig(setup: WorkerdSetup, configDir: string): string {
  const module = ({ name, kind, path }: WorkerModule) =>
    `(name = ${text(name)}, ${kind} = embed ${text(relative(configDir, path))})`
  const vars = Object.entries(setup.vars).map(
    ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`,
  )
  const flags = setup.compatibilityFlags.map(text).join(', ')
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "service", worker = .service),
    (name = "assets", disk = ${text(setup.assets)}),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${setup.port}", http = (), service = "service")],
);

const service :Workerd.Worker = (
  modules = [
    ${setup.modules.map(module).join(',\n    ')},
  ],
  bindings = [
    ${['(name = "ASSETS", service = "assets")', ...vars].join(',\n    ')},
  ],
  compatibilityDate = ${text(setup.compatibilityDate)},
  compatibilityFlags = [${flags}],
);
`
}
