import { Queue } from 'workbox-background-sync/Queue.js'
import { serveQueue } from './serve-queue.ts'

serveQueue(Queue)
