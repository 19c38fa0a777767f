import type { Session } from './session.ts'

export const PAY_INVOICE: Session = {
  id: 'pay-invoice',
  title: 'Pay the invoice',
  summary: 'Amount and account come from a mail. You see exactly that before any money moves.',
  request: 'Pay the invoice from Nordlicht Billing. Note that invoice INV-2041 is on its way.',
  reads: ['m3'],
  watch: 'The dialog says who named each value. You approve this one transfer, nothing broader.',
  hostile: false,
}
