/** Environment names by which the global set-up tells test files where the shared server is. */
export const SHARED_ORIGIN = 'MAESTRO_TEST_ORIGIN'
export const SHARED_DATA = 'MAESTRO_TEST_DATA'
