/**
 * What people call the things an agent may do, by kind. Ordinary verbs of the languages below; `*` ends a stem. Words that are verbs and nouns alike ("mail")
 * stand in `EITHER` and count only where no article or the like stands before them.
 */
export type VerbKind = 'send' | 'share' | 'make' | 'change' | 'destroy' | 'pay' | 'visit'

const list = (text: string): readonly string[] => text.trim().split(/\s+/)

export const VERBS: Readonly<Record<VerbKind, readonly string[]>> = {
  send: list(`
    send sends sending resend write writes reply replies respond tell tells notify inform forward post publish dm thank remind announce congratulate
    schick* send* versend* schreib* antworte* beantwort* benachrichtig* informier* veröffentlich* weiterleite* leite sag sage teile mitteil* melde
    envoie* envoye* écri* ecri* répond* repond* transmet* transfère préviens informe publie*
    envía envia* enviar* envíe* escrib* responde* contesta* manda* mándale reenvía reenvia* publica* avisa* dile
    invia* inviare scriv* rispond* inoltra* pubblica* avvisa* spedisci*
    envie* escrev* encaminh* publiqu* avise*
    stuur* verstuur* schrijf* antwoord* meld wyślij napisz odpowiedz отправ* напиш* ответь 发送 发给 回复 写信 通知 送って 送信 返信 보내 답장`),
  share: list(`
    share shares sharing invite invites inviting add adds grant include cc bcc
    teile freigeb* einlad* lade füg* hinzufüg* partage* invite* ajoute* comparte* compartir invita* añad* agrega* condivid* aggiung* compartilh* convid* adicion*
    deel uitnodig* nodig voeg udostępnij zaproś dodaj подел* приглас* добав* 分享 邀请 共享 招待 공유 초대`),
  make: list(`
    create creates make makes add adds append save schedule arrange organize organise put note insert generate set plan fill remember jot write record* draft
    erstell* anleg* leg* mach* notier* speicher* plan* trag* eintrag* merk* vermerk* schreib* füg*
    crée* créer cree* ajoute* note* enregistre* planifi* organis* prévois
    crea* añad* agrega* anota* guarda* programa* agenda* apunta*
    aggiung* salva* annota* pianifica* segna* cri* adicion* anot* salve* agende* marque*
    maak* voeg* noteer* bewaar* plan utwórz dodaj zapisz создай* добав* запиш* 创建 添加 记录 安排 作成 追加 メモ 만들 추가`),
  change: list(`
    update updates updating change changes changing edit modify adjust reschedule move rename replace correct exchange switch swap postpone shift extend fix
    änder* aendere* aktualisier* anpass* pass* verschieb* bearbeit* umbenenn* ersetz* korrigier* tausch*
    modifi* change* actualis* mets déplace* corrige* remplace* renomme*
    cambia* actualiza* modifica* mueve* ajusta* reemplaza* sposta* aggiorna* sostitui* altere* atualiz* mude* ajuste* troque*
    wijzig* verander* verplaats* zmień zaktualizuj измени* обнов* 更改 修改 更新 変更 변경`),
  destroy: list(`
    delete deletes deleting remove removes removing erase cancel cancels cancelling canceling uninvite kick discard trash wipe revoke unsubscribe
    lösch* loesch* entfern* stornier* abbestell* absag* supprim* efface* annule* retire* enlève*
    elimina* borra* cancela* quita* elimin* cancella* rimuov* annulla* apag* remov* exclu* cancel*
    verwijder* annuleer* wis usuń anuluj удали* отмен* 删除 取消 移除 削除 キャンセル 삭제 취소`),
  pay: list(`
    pay pays paying transfer wire refund* reimburse* buy purchase* donate tip repay settle book books booking reserve* reservation* rent split
    zahl* bezahl* überweis* ueberweis* erstatt* kauf* buch* reservier* spend*
    paie* paye* payer vire* verse* rembours* achèt* achet* réserv* reserv* règle*
    paga* transfier* transfer* reembols* compra* reserv* abona* bonific* rimborsa* prenot* versa*
    pague* pagar transfir* betaal* koop* boek* reserveer zapłać przelej zarezerwuj оплат* заплат* перевед* куп* заброн* 支付 付款 转账 购买 预订 支払 送金 予約 결제 송금 예약`),
  visit: list(`
    visit open browse read fetch download look check go see website* webpage* page* site* link* url* article* blog* online internet web
    besuch* öffne* lies seite* artikel* webseite* visite* ouvre* lis lire page* article* visita* abre* lee enlace* página* pagina* apri leggi sito articol* acess* leia
    bezoek* lees otwórz przeczytaj открой прочит* 访问 打开 阅读 网页 開いて 読んで 열어 읽어`),
}

/** Verbs that are nouns as often. */
export const EITHER: Readonly<Partial<Record<VerbKind, readonly string[]>>> = {
  send: list('email emails e-mail mail message messages text answer contact maile'),
  make: list('book books'),
  pay: list('order orders payment* bestell* commande*'),
  change: list('return'),
}

/** Before a word of `EITHER`, these say that it is a noun. */
export const NOUN_BEFORE: ReadonlySet<string> = new Set(
  list(`a an the this that these those my your his her our their its every each any some no last next first new old unread all from of in via by per for with on
    received sent direct channel private text der die das den dem des ein eine einen einer meine meiner meinem deine per mit aus von im in le la les un une des mes ma mon el los las una mis mi il lo gli i miei o os as um uma`),
)

export const NEGATIONS: ReadonlySet<string> = new Set(
  list(
    `not never don't dont don’t doesn't without no nothing cannot can't won't shouldn't nicht nie niemals kein keine keinen ohne ne pas jamais sans nunca sin non mai senza não nao jamais sem niet geen nooit nie не без 不 别 不要`,
  ),
)

/** Passing on somebody else's words is the very thing that was asked for. */
export const PASS_ON: readonly string[] = list(`
  summar* forward* copy copies quote* list extract* translat* content* contain* information details according based report* overview digest transcrib* paste same minutes excerpt* relay
  zusammenfass* fass* kopier* zitier* übersetz* inhalt* weiterleit* laut auszug résum* resum* copie* transfér* transfèr* tradui* contenu* selon copia* reenv* traduc* conten* según
  riassum* inoltra* traduc* contenut* secondo resuma* encaminh* traduz* conteúdo samenvat* kopieer* vertaal* inhoud 总结 摘要 转发 复制 翻译 要約 転送 翻訳`)

/** What an account is made of: changing it is asked for by naming it. */
export const ACCOUNT_NOUNS: readonly string[] = list(`
  password* passphrase pin address* profile* account* setting* details phone* username* login* information permission* role* access email moved
  passwort* kennwort* adresse* profil* konto* einstellung* daten telefonnummer zugang mot passe compte* profil* coordonnées contraseña* clave* dirección* direccion* cuenta* perfil* datos
  indirizzo* conto profilo dati senha* endereço* conta* dados wachtwoord* adres* rekening* hasło адрес* парол* 密码 地址 账户 パスワード 住所 비밀번호 주소`)

/** What money is called where a change of it is asked for. */
export const MONEY_NOUNS: readonly string[] = list(`
  money payment* rent bill* invoice* transaction* transfer* subscription* standing order* fee* price* amount* salary refund* balance booking* reservation* ticket* flight* cart
  geld zahlung* miete* rechnung* überweisung* dauerauftrag* abo* betrag* gebühr* preis* buchung* argent paiement* loyer* facture* virement* abonnement* montant* dinero pago* alquiler factura* suscripción importe*
  denaro pagament* affitto fattur* abbonament* dinheiro pagamento* aluguel fatura* assinatura* geld betaling* huur factuur* 钱 付款 账单 租金 お金 支払い 請求書 家賃`)
