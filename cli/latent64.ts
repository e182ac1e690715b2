#!/usr/bin/env node
import type { Command } from 'commander'
import { codecCommands, runProgram } from './program.ts'

runProgram({
  train: {
    summary: 'train a model and export it',
    load: async () => (await import('../train/command.ts')).trainCommand as Command,
  },
  'train-grid': {
    summary: 'train the model of long codes',
    load: async () => (await import('../train/grid/command.ts')).trainGridCommand,
  },
  evaluate: {
    summary: "measure a model beside today's codecs",
    load: async () => (await import('../evaluate/command.ts')).evaluateCommand,
  },
  ...codecCommands,
})
