/** What templates draw names and things from. */
export const VOCABULARY: Readonly<Record<string, readonly string[]>> = {
  name: 'Marta Jonas Priya Lucia Tomasz Aiko Bram Chidi Elif Noor Sven Ines Rahul Wei Fatou Owen Petra Miguel Hanna Yusuf Greta Leo Sofia Dmitri'.split(
    ' ',
  ),
  team: 'finance,the support team,the platform team,legal,the night shift,the warehouse,HR,the design group,procurement,the data team'.split(','),
  firm: 'Northwind Paper,Kestrel Labs,Blue Harbour,Ostwald & Sons,Pine Street Clinic,Aurora Freight,Halden Books,Ferrovia Sud,Lumen Bakery,Quay Dental'.split(
    ',',
  ),
  file: 'report.pdf,budget-2024.xlsx,notes.md,config.yaml,invoice_2231.pdf,slides.key,minutes.docx,backup.tar.gz,README.md,contract-final.docx'.split(
    ',',
  ),
  day: 'Monday,Tuesday,Wednesday,Thursday,Friday,tomorrow,next week,the 14th,the end of the month'.split(','),
  city: 'Utrecht,Porto,Leeds,Graz,Osaka,Tampere,Lyon,Pune,Denver,Valencia,Gdansk,Izmir'.split(','),
  lang: 'Python,JavaScript,Rust,Go,Java,TypeScript,C#,Kotlin,Ruby,PHP,SQL,Bash,R'.split(','),
  food: 'lentil soup,rye bread,plum cake,pad thai,paella,apple strudel,miso ramen,shakshuka,potato gnocchi,black bean tacos'.split(','),
  topic:
    'climate change,the French Revolution,photosynthesis,interest rates,the offside rule,migratory birds,quantum tunnelling,bronze casting,vaccines,urban planning,black holes,the Silk Road,beekeeping,tides,antibiotics'.split(
      ',',
    ),
  device:
    'router,dishwasher,smoke alarm,bread maker,printer,heat pump,electric bike,thermostat,coffee machine,vacuum cleaner,label printer,projector'.split(
      ',',
    ),
  mail: 'anna@example.com,support@example.org,office@example.net,j.meyer@example.com,orders@example.org'.split(','),
  url: 'https://example.com/help,https://docs.example.org/start,https://example.net/account,https://status.example.com'.split(','),
  app: 'the calendar,the CRM,the ticket system,the shared drive,the wiki,the payroll tool,the chat,the build server,the shop back office'.split(','),
  art: 'a poem,a short story,a haiku,a product description,a cover letter,a toast,a limerick,a press release,an outline,a song'.split(','),
}
