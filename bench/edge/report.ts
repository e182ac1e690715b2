import type { ModelSpeed } from '../networks/model-speed.ts'
import type { NetworkSpeed } from '../networks/network-speed.ts'
import { isHonoAlone } from './cases.ts'
import type { RequestCost } from './request-cost.ts'
import type { Soak } from './soak.ts'
import type { StartUp } from './start-up.ts'

export interface Report {
  machine: { cpu: string; cores: number; node: string; commit: string; date: string }
  models: { name: string; id: string; macs: { encoder: number; decoder: number } }[]
  requests: RequestCost[]
  startUp?: StartUp
  networks?: NetworkSpeed[]
  modelNetworks?: ModelSpeed[]
  memory?: { service: Soak; honoAlone: Soak }
}

export function printReport({ requests, models, startUp, networks, modelNetworks, memory }: Report): void {
  const echo = requests.find(({ model, name }) => model !== '' && name === 'echo raw')
  const bare = requests.find(isHonoAlone)
  if (echo && bare)
    console.log(`middleware over Hono alone: ${(echo.cpuUs - bare.cpuUs).toFixed(1)} us per request`)
  table(
    ['model', 'request', 'CPU us', 'middle half', 'x echo', 'us an image beyond echo'],
    requests.map(({ model, name, cpuUs, spreadUs, timesEcho, beyondEchoUsPerImage: beyond }) => [
      ...[model, name, cpuUs.toFixed(1), spreadUs.map((us) => us.toFixed(1)).join(' - ')],
      ...[timesEcho?.toFixed(2) ?? '', beyond?.toFixed(1) ?? ''],
    ]),
  )
  const millions = (macs: number) => `${(macs / 1e6).toFixed(2)} M`
  table(
    ['model', 'encoder MAC', 'decoder MAC', 'CPU ms of the first compress'],
    models.map(({ name, macs }) => [
      ...[name, millions(macs.encoder), millions(macs.decoder)],
      startUp?.firstCompressCpuMs[name]?.toFixed(1) ?? '',
    ]),
  )
  if (startUp) {
    const { service, honoAlone } = startUp.firstAnswerMs
    const ratio = (service / honoAlone).toFixed(2)
    console.log(
      `first response of a fresh workerd: ${service.toFixed(0)} ms; Hono alone ${honoAlone.toFixed(0)} ms (x ${ratio})`,
    )
  }
  if (networks) printNetworks(networks)
  if (modelNetworks)
    table(
      ['model', 'network', 'batch', 'executor us', 'GMAC/s'],
      modelNetworks.map(({ model, network, batch, usPerImage, gigaMacsPerSecond }) => [
        ...[model, network, String(batch), usPerImage.toFixed(1), gigaMacsPerSecond.toFixed(1)],
      ]),
    )
  if (memory) {
    printSoak('the service', memory.service)
    printSoak('Hono alone', memory.honoAlone)
  }
}

/** workerd keeps garbage of requests until a full collection of its heap; Hono alone shows how much that is. */
function printSoak(of: string, { residentMiB: mib, requests }: Soak): void {
  const at = (share: number) => mib[Math.round(share * (mib.length - 1))].toFixed(0)
  console.log(
    `resident MiB of ${of} over ${requests} requests: ${at(0)} at the start, ${at(0.5)} in the middle, ${at(1)} at the end`,
  )
}

function printNetworks(networks: NetworkSpeed[]): void {
  table(
    [
      'textbook network',
      'input',
      'batch',
      'executor us',
      'x hand-written',
      'hand-written',
      'tfjs',
      'onnxruntime-web',
      'GMAC/s',
    ],
    networks.map(({ network, input, batch, usPerImage: us, gigaMacsPerSecond }) => [
      ...[network, input, String(batch), us.executor.toFixed(1), (us.executor / us.handwritten).toFixed(2)],
      ...[us.handwritten, us.tfjs, us.onnxruntime, gigaMacsPerSecond].map(
        (value) => value?.toFixed(1) ?? '-',
      ),
    ]),
  )
  const batch = Math.max(...networks.map((each) => each.batch))
  const us = (network: string, input: string) =>
    networks.find((each) => each.network === network && each.input === input && each.batch === batch)!
      .usPerImage.executor
  const together = (input: string) => (us('encoder', input) + us('decoder', 'noise')).toFixed(1)
  console.log(
    `textbook encoder and decoder at batch ${batch}: ${together('digits')} us an image; of noise ${together('noise')}`,
  )
}

function table(head: string[], rows: string[][]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)))
  const line = (cells: string[]) =>
    console.log(
      cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
    )
  console.log()
  line(head)
  for (const row of rows) line(row)
  console.log()
}
