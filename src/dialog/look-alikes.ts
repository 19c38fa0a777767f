/** Pairs "foreign letter, Latin letter": what passes for Latin in common fonts. Written by eye from the scripts' charts; the note names the Latin one. */
const PAIRS =
  'аaсcеeһhіiјjӏlоoрpԛqѕsуyхxԁdԝwАAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԌGԚQԜWѵvгrпnкk' +
  'αaοoνvρpιiκkυuτtωwγyΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX' +
  'оoսuօoհhոnցgզqյjԁdՏSՕOՍUⅼlᎪAᏟCᎠDᎬEᏀGᎻHᎫJᏦKᏞLᎷMᏢPᎡRᏚSᎢTᏙVᏔWᏃZⲟoⲣpⲥcⲒI' +
  'ɑaɡgɩiıiʟLɪIʀRɴNʜHʙBᴀAᴄcᴅDᴇEᴊJᴋkᴍMᴏoᴘPᴛTᴜuᴠvᴡwᴢzꜱs'

const TWIN = new Map<string, string>()
const letters = [...PAIRS]
for (let at = 0; at < letters.length; at += 2) TWIN.set(letters[at] ?? '', letters[at + 1] ?? '')

/** The ASCII letter that a letter of another script passes for, when it does. */
export const latinTwin = (letter: string): string | undefined => TWIN.get(letter)
