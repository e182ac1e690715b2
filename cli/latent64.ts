#!/usr/bin/env node
/** The command line. Each command's module is loaded when it is asked for, so that `inspect` need not wait for tfjs. */
import { Command, CommanderError } from 'commander'

const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  train: {
    summary: 'train a model and export it',
    load: async () => (await import('../train/command.ts')).trainCommand as Command,
  },
  evaluate: {
    summary: "measure a model beside today's codecs",
    load: async () => (await import('../evaluate/command.ts')).evaluateCommand,
  },
  compress: {
    summary: 'images to codes',
    load: async () => (await import('./compress-command.ts')).compressCommand,
  },
  decompress: {
    summary: 'codes to pictures',
    load: async () => (await import('./decompress-command.ts')).decompressCommand,
  },
  inspect: {
    summary: 'what a code holds',
    load: async () => (await import('./inspect-command.ts')).inspectCommand,
  },
}

async function program(asked: string | undefined): Promise<Command> {
  const all = new Command('latent64').description(
    'An image becomes 64 numbers, the numbers a few dozen bytes.',
  )
  all.exitOverride().showHelpAfterError('(--help tells more)')
  for (const [name, { summary, load }] of Object.entries(commands))
    all.addCommand(
      (name === asked ? await load() : new Command(name)).summary(summary).copyInheritedSettings(all),
    )
  return all
}

try {
  const words = process.argv.slice(2)
  const asked = words[0] === 'help' ? words[1] : words[0]
  await (await program(asked)).parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`latent64: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 2
  }
}
