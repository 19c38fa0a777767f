/** Everything that an app's worker can be made of, in one bundle: what the demo's worker weighs, less its own code. */
export * from '../../sw/boot/index.ts'
export * from '../../sw/boot/rescue-capsule.ts'
export * from '../../sw/boot/supabase.ts'
