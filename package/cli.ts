#!/usr/bin/env node
/**
 * Node 22 keeps the compiled code among the system's temporary files, where it keeps that of other programs too: every
 * run but the first starts sooner. NODE_DISABLE_COMPILE_CACHE=1 turns that off.
 */
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache') // for worker threads, too
nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
const { codecCommands, runProgram } = await import('../cli/program.ts')

await runProgram(codecCommands)
