/** Reading from a Supabase project in a page, by the worker's session: `maestro-sw/supabase/page`. */
export { createReader, type ReaderOptions } from './create-reader.ts'
