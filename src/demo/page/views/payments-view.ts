import type { App } from '../app/app.ts'
import { formView } from './form-view.ts'
import type { View } from './view.ts'

/** A transfer by hand; it always asks. */
export const paymentsView = (app: App): View =>
  formView(app, {
    id: 'payments',
    title: 'Payments',
    icon: 'payments',
    lead: 'Money moves only after a person has seen the exact transfer, also when you type it yourself.',
    form: {
      action: 'payment.transfer',
      label: 'Transfer money',
      submit: 'Ask for the transfer',
      fields: [
        { name: 'iban', label: 'IBAN', placeholder: 'DE89 3704 0044 0532 0130 00' },
        { name: 'amount', label: 'Amount', placeholder: '12.50', inputmode: 'decimal' },
        { name: 'currency', label: 'Currency', options: ['EUR', 'USD', 'GBP', 'CHF'] },
        { name: 'reference', label: 'Reference', placeholder: 'INV-2041' },
      ],
      params: (value) => ({
        iban: value('iban').replace(/\s/g, ''),
        amount: value('amount'),
        currency: value('currency'),
        reference: value('reference'),
      }),
    },
    listTitle: 'Transfers',
    empty: 'No transfers yet.',
  })
