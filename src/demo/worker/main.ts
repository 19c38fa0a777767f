/// <reference lib="webworker" />
/** The demo's own worker: MAESTRO composed in, beside an app shell that opens offline. */
import { guard } from '../../../sw/boot/guard.ts'
import { createMaestro } from '../../../sw/boot/index.ts'
import { keepAppShell } from './app-shell.ts'
import { demoOptions } from './options.ts'

keepAppShell()
createMaestro(demoOptions([guard()]))
