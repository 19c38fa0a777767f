/** The script of the unlock document: built alone, into one file, and served by `unlockDocument`. */
import { startUnlock } from './start-unlock.ts'

startUnlock()
