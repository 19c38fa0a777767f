import { ensureBrowser } from './ensure-browser.mjs'

const CHROMIUM = {
  title: 'Chromium',
  variable: 'CHROMIUM_PATH',
  debian: 'chromium',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'Chromium', 'Google Chrome'],
  usual: [
    '/usr/bin',
    '/usr/local/bin',
    '/snap/bin',
    '/opt/google/chrome',
    '/Applications/Chromium.app/Contents/MacOS',
    '/Applications/Google Chrome.app/Contents/MacOS',
  ],
}

export const ensureChromium = () => ensureBrowser(CHROMIUM)
