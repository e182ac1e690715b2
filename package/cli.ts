#!/usr/bin/env node
import { codecCommands, runProgram } from '../cli/program.ts'

await runProgram(codecCommands)
