/** `node evaluate/eyes/blind/tally.ts --key blind/key.json RESULTS...`: what people chose on blind.ts's page. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type Key, type Results, tally } from './key.ts'

const read = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T

new Command('tally')
  .argument('<results...>', 'files that the page saved, one per person')
  .requiredOption('--key <file>', 'key.json of the page')
  .action((files: string[], { key }: { key: string }) =>
    console.table(tally(read<Key>(key), files.map(read<Results>))),
  )
  .parse()
