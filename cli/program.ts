/** The command line. Each command's module is loaded only if it is called, so that `inspect` need not wait for tfjs. */
import { Command, type CommanderError } from 'commander'
import { endWithNpm } from '../node/lifecycle.ts'
import packageJson from '../package.json' with { type: 'json' }
import { WRONG_USAGE } from './jobs/summary.ts'

type Commands = Record<string, { summary: string; load: () => Promise<Command> }>

/** The commands that the npm package has too. */
export const codecCommands: Commands = {
  compress: {
    summary: 'turn images into codes',
    load: async () => (await import('./compress-command.ts')).compressCommand,
  },
  decompress: {
    summary: 'turn codes into pictures',
    load: async () => (await import('./decompress-command.ts')).decompressCommand,
  },
  placeholders: {
    summary: 'write a JSON file of a folder’s photographs, for a site',
    load: async () => (await import('./placeholders/command.ts')).placeholdersCommand,
  },
  inspect: {
    summary: 'show what a code holds',
    load: async () => (await import('./inspect-command.ts')).inspectCommand,
  },
}

async function program(commands: Commands, asked: string | undefined): Promise<Command> {
  const all = new Command('latent64').description(
    'An image becomes 64 or 96 numbers, the numbers a few dozen bytes.',
  )
  all.version(packageJson.version, '--version', 'print the version')
  all.exitOverride().showHelpAfterError('(see --help)')
  for (const [name, { summary, load }] of Object.entries(commands))
    all.addCommand(
      (name === asked ? await load() : new Command(name)).summary(summary).copyInheritedSettings(all),
    )
  return all
}

/** Recognized by its code, as a command's module may have its own copy of commander (start/bundle.mjs). */
const isOfCommander = (error: unknown): error is CommanderError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')

/** Parses the process's arguments and runs the command they name. */
export async function runProgram(commands: Commands): Promise<void> {
  endWithNpm()
  try {
    const words = process.argv.slice(2)
    const asked = words[0] === 'help' ? words[1] : words[0]
    await (await program(commands, asked)).parseAsync()
  } catch (error) {
    if (isOfCommander(error)) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
    else {
      process.stderr.write(`latent64: ${error instanceof Error ? error.message : error}\n`)
      process.exitCode = WRONG_USAGE
    }
  }
}
