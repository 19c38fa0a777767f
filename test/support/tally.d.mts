export declare const tally: (report: string, exitCode: number) => { passed: number; failed: number }
