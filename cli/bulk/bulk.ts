#!/usr/bin/env node
/** `npm run bulk`: operates a worker that compresses buckets (docs/bulk.md), through wrangler. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { endWithNpm } from '../../node/lifecycle.ts'
import { positiveNumber } from '../../node/terminal/options.ts'
import { type BackfillFlags, backfill } from './backfill.ts'
import { type StatusFlags, status } from './status.ts'
import { openTarget, type TargetFlags } from './wrangler.ts'

const program = new Command('bulk')
  .description('Compresses the images of R2 buckets: status, backfill, replay. Setup: docs/bulk.md')
  .option('--env <name>', 'environment of wrangler.toml', 'bulk')
  .option('--config <file>', 'wrangler’s configuration', 'wrangler.toml')
  .option('--local', 'the worker that `npm start -- --env bulk` runs, instead of the deployed one')
  .option('--port <n>', 'port of that worker', positiveNumber, 8787)
  .exitOverride()
  .showHelpAfterError('(see --help)')

program
  .command('status')
  .description('images and problems of each bucket, messages waiting, the last backfills')
  .option('--json', 'as JSON')
  .action((flags: StatusFlags) => status(openTarget(program.opts<TargetFlags>()), flags))

program
  .command('backfill')
  .description(
    'lists a bucket and queues each object that has no code for its latest version with the current settings',
  )
  .option('--bucket <name>', 'default: the only one of BULK_BUCKETS')
  .option('--prefix <text>', 'only keys that begin with this')
  .option('--after <key>', 'only keys after this one')
  .option('--all', 'every object, even if its code is up to date')
  .option('--dry-run', 'count and estimate the cost, queue nothing')
  .addOption(
    new Option('--per-second <n>', 'messages a second, at most 5000').argParser(perSecond).default(1000),
  )
  .option('--no-wait', 'starts it and returns')
  .option('--json', 'the report as JSON')
  .action(({ all, ...flags }: BackfillFlags & { all?: boolean }) =>
    backfill(openTarget(program.opts<TargetFlags>()), { ...flags, which: all ? 'all' : 'changed' }),
  )

program
  .command('replay')
  .description('a backfill that queues images with a problem again, including dead letters')
  .option('--bucket <name>', 'default: the only one of BULK_BUCKETS')
  .option('--prefix <text>', 'only keys that begin with this')
  .option('--dry-run', 'count and estimate the cost, queue nothing')
  .addOption(
    new Option('--per-second <n>', 'messages a second, at most 5000').argParser(perSecond).default(1000),
  )
  .option('--no-wait', 'starts it and returns')
  .option('--json', 'the report as JSON')
  .action((flags: BackfillFlags) =>
    backfill(openTarget(program.opts<TargetFlags>()), { ...flags, which: 'failed' }),
  )

function perSecond(text: string): number {
  const value = positiveNumber(text)
  if (value > 5000) throw new InvalidArgumentError('Queues takes at most 5000')
  return value
}

for (const command of program.commands) command.copyInheritedSettings(program)
endWithNpm()
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`bulk: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  }
}
