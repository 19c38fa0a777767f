import { ensureBrowser, findBrowser } from './ensure-browser.mjs'

const FIREFOX = {
  title: 'Firefox',
  variable: 'FIREFOX_PATH',
  debian: 'firefox-esr',
  names: ['firefox-esr', 'firefox'],
  usual: ['/usr/bin', '/usr/local/bin', '/opt/firefox', '/Applications/Firefox.app/Contents/MacOS'],
}

export const ensureFirefox = () => ensureBrowser(FIREFOX)
export const findFirefox = () => findBrowser(FIREFOX)
