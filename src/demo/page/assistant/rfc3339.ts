const two = (value: number): string => String(Math.abs(value)).padStart(2, '0')

/** A time as RFC 3339 with this device's offset, to the second. */
export const rfc3339 = (date: Date): string => {
  const offset = -date.getTimezoneOffset()
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day}T${clock}${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`
}
