/**
 * What words are about, in two dozen languages: far fewer features than words, and so what holds for a text in one language or wording
 * holds for the next. An entry is the beginning of a word; a dot at its end means the whole word; `_` joins two words. Texts are
 * normalised before: lower case, Latin letters without accents. The weight of a concept, and of one after another, is learnt.
 */
const LEXICON: Readonly<Record<string, string>> = {
  ignore:
    'ignor disregard forget. overlook. overrid bypass circumvent neglect. supersed discard omit. dismiss vergiss vergess missacht uberschreib umgeh oubli. oubliez ignorez neglig olvid omit. haz_caso dimentic trascur esquec desconsider vergeet negeer pomin zapomn ignoruj zanedb glom. bortse yoksay gormezden_gel unut. gozardi игнорир забуд пренебре проигнор обойд ігнор تجاهل انس اهمل अनदेखा नजरअंदाज नज़रअंदाज भूल উপেক্ষা ভুলে 忽略 忽视 无视 無視 忘记 忘掉 忘れ 무시 잊어 bo_qua phot_lo quen_di abaikan lupakan เพิกเฉย ไม่ต้องสนใจ ละเว้น balewalain kalimutan huwag_pansinin',
  prior:
    'previous prior. above. earlier preceding foregoing former before. beforehand initial original vorherig vorangeh bisherig obig davor zuvor vorig fruher precedent anterieur avant. ci-dessus anterior previ previa. previo. precedent sopra. anterior acima. vorige eerder bovenstaand poprzedn wczesniej predchoz predesl tidigare foregaende onceki yukaridaki предыдущ прежн ранее выше. попередн السابق أعلاه पिछल पूर्व উপরের পূর্ববর্তী আগের 之前 以前 先前 上述 上面 以上 前の 前述 이전 앞선 위의 truoc_do o_tren sebelumnya di_atas ก่อนหน้า ข้างต้น nakaraan nauna',
  instruct:
    'instruct prompt. prompts. directive guideline. guidelines. rule. rules. command. commands. order. orders. constraint policy. policies. programming. anweisung anleitung befehl regel. regeln. vorgaben vorgabe. instruktion aufforderung auftrag consigne directive. regle. regles. ordre. ordres. instruccion orden. ordenes. regla. reglas. indicacion istruzion regol ordini. comand instruco instrucoes regra. regras. ordens. instructie opdracht regels. instrukc polecen zasad pokyn instruktion talimat komut kural инструкц указан правил команд приказ вказівк تعليمات التعليمات أوامر الأوامر قواعد निर्देश आदेश नियम নির্দেশ নিয়ম 指令 指示 说明 規則 规则 提示词 命令 ルール 지시 명령 규칙 프롬프트 huong_dan chi_thi quy_tac instruksi perintah aturan คำสั่ง คำแนะนำ กฎ tagubilin panuto utos',
  fresh:
    'new. instead. now. actual. actually. real. updated. following. below. henceforth onwards. nun. jetzt. stattdessen neue. neuen. folgende. folgenden. maintenant. plutot. nouvelle nouveau suivant ahora. nuevas nuevo. siguiente adesso. invece. nuov seguent agora. novas. novo. seguinte nieuwe. nu. volgende teraz. nowe. zamiast nyni. istedet. simdi. yeni. теперь новы вместо следующ الآن الجديد التالي अब. नए. नया. নতুন এখন 现在 新的 以下 从现在 今から 新しい 次の 이제 새로운 다음 bay_gio moi. sau_day sekarang baru. berikut ตอนนี้ ใหม่ ต่อไปนี้ ngayon bagong sumusunod',
  assistant:
    'ai. ais. assistant. assistants. chatbot bot. llm llms. gpt chatgpt claude. gemini. copilot. openai agent. agents. model. ki. assistent assistente. asistent ia. assistant. modele. modelo. asistente. assistente. modello. asystent asistan yapay_zeka ии. ассистент помощник модель المساعد الذكاء_الاصطناعي مساعد एआई सहायक এআই সহকারী 人工智能 助手 助理 模型 アシスタント 어시스턴트 인공지능 도우미 tro_ly asisten kecerdasan ผู้ช่วย เอไอ katulong',
  system:
    'system. systems. sysadmin admin. admins. administrator developer. root. operator. debug. debugging superuser sudo. maintenance. override. systemnachricht entwickler entwicklermodus systeme. administrateur developpeur sistema. administrador desarrollador amministratore sviluppatore systeem beheerder sistem. yonetici системн система администратор разработчик النظام المسؤول المطور सिस्टम डेवलपर সিস্টেম 系统 管理员 开发者 システム 管理者 開発者 시스템 관리자 개발자 he_thong quan_tri nha_phat_trien pengembang ระบบ ผู้ดูแล นักพัฒนา',
  secret:
    'password passwort passphrase passcode secret. secrets. credential api_key api_keys apikey access_token private_key ssn. passport. confidential pin. otp. 2fa. kennwort geheim zugangsdaten mot_de contrasena secreto. clave. parola_d password. segreto chiave. senha. segredo wachtwoord geheim haslo hasla tajn heslo losenord hemlig parola. sifre. sifresi gizli пароль пароля секрет секретн كلمة_المرور كلمة_السر المرور السر पासवर्ड गुप्त পাসওয়ার্ড গোপন 密码 密鑰 密钥 机密 秘密 パスワード 비밀번호 비밀 암호 mat_khau bi_mat kata_sandi sandi rahasia รหัสผ่าน ความลับ lihim',
  reveal:
    'reveal show. showing. print. printed. display. disclose divulg expos leak. repeat. recite. list. dump. tell_me give_me share. verrate zeig. zeige. nenne. gib. wiederhol offenbar ausgeb revel. revele montre. montrez affiche. donne. dis-moi repete. muestra. muestrame dime. dame. comparte. repite. revela. mostra. mostrami dimmi. rivela ripeti. condividi mostre. diga. compartilhe. toon. geef. vertel. onthul pokaz ujawn podaj. ukaz. prozrad visa. avsloja goster soyle. paylas acikla. покаж раскро скажи назови выведи поделис أظهر اكشف أخبرني اعطني شارك बताओ बताएं दिखाओ साझा বলুন দেখান প্রকাশ 告诉 显示 透露 泄露 输出 分享 教えて 表示 明か 알려 보여 공개 공유 말해 cho_toi tiet_lo hien_thi chia_se beritahu tampilkan ungkap bagikan บอก แสดง เปิดเผย แบ่งปัน sabihin ibahagi ipakita',
  send: 'send. sends. sending. forward. forwarding. transfer. transfers. wire. upload. post. submit. exfiltrat email_this mail_to cc. bcc. invite. donate. pay. sende. schick. schicke. uberweis weiterleit. leite. lade. envoie. envoyez transfere. transferez virement. paie. envia. enviar. envie. transfiere transferir. reenvia. paga. invia. inviare. trasferisci inoltra bonifico. encaminhe. transfira. pague. stuur. verstuur. overmaken. wyslij przeslij przelej posli. odesli. skicka. gonder. ilet. havale отправ перешли переведи перевест заплат надішл أرسل ارسل حول. भेजें भेजो भेज পাঠান পাঠাও 发送 转发 转账 汇款 上传 送信 送って 転送 振り込 보내 전송 송금 이체 gui. chuyen_tien chuyen_khoan kirim. kirimkan transfer. ส่ง โอน ipadala magpadala',
  remove:
    'delete. deleting. remove. erase. wipe. purge. destroy. uninstall. unsubscribe. losch. losche. entfern. supprim. efface. elimina. eliminar. borra. borrar. cancella. elimina. apague. exclua. verwijder. usun. skasuj smaz. radera. ta_bort sil. удал стер احذف امسح हटा मिटा মুছে 删除 清空 削除 삭제 지워 xoa. hapus. ลบ burahin',
  act: 'execute. run. open. click. visit. download. install. browse. navigate. call. invoke. perform. do. carry_out book. buy. purchase. ausfuhr. fuhre. klick. offne. besuche. installier execut. exécut cliqu. ouvrez telecharg. ejecuta. haz_clic visita. abre. descarga. esegui. clicca. apri. scarica. execute. clique. baixe. voer. klik. uruchom kliknij spust. klikn. kor. klicka. calistir tikla выполн запуст откро нажми скачай اضغط انقر نفذ افتح क्लिक खोल চালান ক্লিক 执行 点击 打开 访问 下载 クリック 実行 開いて 클릭 실행 열어 nhap_vao thuc_hien mo. klik. jalankan buka. คลิก เปิด ดำเนินการ pindutin',
  change:
    'change. update. set. modify. replace. reset. grant. disable. enable. add. append. insert. ander. andere. ersetz. setze. fuge. aktivier deaktivier changez modif. remplac. ajout. cambia. cambiar. anade. agrega. reemplaza. sostituisci aggiungi. altere. mude. adicione. substitua. wijzig. vervang. voeg. zmien. dodaj. zmen. pridej andra. lagg. degistir ekle. измен замени добавь غير. أضف बदल जोड़ পরিবর্তন যোগ 更改 修改 替换 添加 変更 追加 변경 수정 추가 thay_doi them. ubah. tambahkan เปลี่ยน เพิ่ม palitan idagdag',
  role: 'pretend act_as role. roleplay role-play persona. imagine. simulate. character. impersonat dan. jailbreak jailbroken unfiltered uncensored spiel. rolle. stell_dir tu_so verkorper fungier joue. role. imagin. fais_comme comporte finge. actua. papel. rol. interpreta. fingi. ruolo. immagina. recita. finja. aja. papel. doe_alsof udawaj wcziel predstirej hraj. latsas. roll. rol_yap davran. притвор представ роль веди تظاهر تخيل دور. कल्पना भूमिका अभिनय ভান কল্পনা 假装 扮演 想象 角色 ふり. 演じ 役割 役を 척. 역할 상상 gia_vo dong_vai tuong_tuong berpura bayangkan peran. แกล้งทำ สวมบท จินตนาการ สมมติ magpanggap isipin',
  you: "you. your. yours. you're yourself. u. you've you'll du. dir. dich. dein. deine. deinen. deiner. sie. ihnen. ihre. tu. toi. vous. votre. tes. ton. te. usted. tus. eres. tuo. tua. sei. voce. voces. seu. sua. teu. jij. je. jouw. ty. twoje. tvoj. jsi. din. ditt. sen. senin. siz. ты. тебе. твой. твои. вы. вас. ваш. أنت لك. तुम. आप. आपको आपके আপনি তুমি আপনার 你 您 あなた 君 너. 당신 너는 ban. anda. kamu. คุณ ikaw. mo. iyong",
  me: "me. my. mine. i. i'm i'd i'll i've ich. mir. mein. meine. meinen. mich. je. moi. mon. ma. mes. yo. mi. mis. io. mio. mia. eu. meu. minha. ik. mijn. ja. moje. jag. min. ben. bana. benim. я. мне. мой. моя. أنا لي. मुझे मेरा मेरे मैं আমাকে আমার আমি 我 私 僕 나. 저. 나의 내. toi. saya. aku. ผม ฉัน ako. ko. akin",
  we: 'we. our. us. wir. uns. unser nous. notre. nos. nosotros. nuestr. noi. nostr. nos. nosso. nossa. wij. ons. onze. my. nas. nase. vi. oss. var. biz. bizim мы. нам. наш हम. हमारे আমরা 我们 私たち 우리 chung_toi kami. kita. เรา kami. tayo',
  user: 'user. users. human. humans. customer. customers. recipient. benutzer nutzer. kunde. utilisateur usuari. utente. utenti. cliente. gebruiker uzytkownik uzivatel anvandare kullanici пользовател المستخدم उपयोगकर्ता ব্যবহারকারী 用户 ユーザー 사용자 nguoi_dung pengguna ผู้ใช้ gumagamit',
  hide: 'secretly silently quietly. covert without_telling without_asking without_mentioning unnoticed heimlich unbemerkt secretement discretement silencio. secretamente silenziosamente segretamente stilletjes potajemnie tajne. gizlice тайно незаметно молча سرا चुपचाप গোপনে 秘密地 悄悄 不要告诉 不要提 こっそり 몰래 bi_mat_gui len_lut diam-diam อย่างลับ แอบ palihim',
  must: 'must. important. urgent. urgently immediately critical. crucial. required. mandatory. essential. asap. attention. warning. notice. obey. comply. follow. muss. musst. mussen. wichtig dringend sofort. achtung. befolg. dois. devez. important urgent. immediatement obligatoire respecte. suis. debes. debe. urgente importante inmediatamente obedece. sigue. devi. subito. importante obbedisci. segui. deve. imediatamente obedeca. siga. moet. belangrijk onmiddellijk musisz. wazne pilne musis. dulezite ihned viktigt. genast. zorundasin onemli acil. hemen. должен должны важно срочно немедленно следуй يجب مهم عاجل فورا महत्वपूर्ण तुरंत जरूरी অবশ্যই গুরুত্বপূর্ণ জরুরি 必须 重要 紧急 立即 马上 必ず 至急 すぐに 반드시 중요 긴급 즉시 phai. quan_trong khan_cap ngay_lap harus. penting segera. ต้อง สำคัญ ด่วน ทันที dapat. mahalaga agad',
  not: "not. no. never. don't don’t do_not cannot can't won't nicht. kein. keine. keinen. nie. niemals ne. pas. jamais. aucun. nunca. jamas. ningun. non. mai. nessun. nao. niet. geen. nooit. nie. nigdy. zadn. ne. nikdy. inte. aldrig. degil. asla. не. нет. никогда لا. ليس नहीं मत. কখনো না. 不要 不能 不得 没有 ない 않 말고 마세요 khong. dung. tidak. jangan. ไม่ อย่า hindi huwag",
  limit:
    'restriction restrictions. limitation filter. filters. safety. safeguard guardrail ethic moral. censor. censored. censorship content_policy openai_policy einschrankung beschrankung sicherheits moralisch filtre. restriction. limites. morale. restriccion limites. etica. filtro. restrizion limit. restrico beperking ogranicz omezen begrans kisitlama sinir. etik. огранич этик мораль цензур قيود أخلاق प्रतिबंध सीमा नैतिक সীমাবদ্ধ নৈতিক 限制 道德 审查 制限 倫理 제한 윤리 han_che dao_duc batasan etika. ข้อจำกัด จริยธรรม limitasyon',
  reply:
    'answer. answers. respond. response. responses. reply. replies. output. outputs. summary. antwort. antworte. beantwort. ausgabe. zusammenfassung repond. repondez reponse. resume. responde. respuesta. respuestas. resumen. rispond. risposta. riassunto responda. resposta. antwoord odpowiedz odpoved svara. svar. cevap. yanit. ответ ответь отвеч резюме أجب الإجابة رد. जवाब उत्तर উত্তর 回答 回复 答案 回应 答え 返答 回答し 대답 답변 응답 tra_loi phan_hoi jawab. jawaban ตอบ คำตอบ sagot. sagutin',
  ask: "what. who. when. where. why. how. which. whose. what's wie. was. wer. wann. wo. warum. welche. comment. quoi. quel. quelle. quels. pourquoi. quand. que. quien. cuando. donde. como. cual. por_que come. cosa. quando. dove. perche. qual. onde. hoe. wat. wie. waar. waarom. jak. co. kiedy. dlaczego. kdy. proc. hur. vad. nar. varfor. ne. nasil. neden. kim. как. что. кто. когда. где. почему. كيف ما. هل. من. क्या कैसे कौन कब কি. কী. কীভাবে কে. 什么 怎么 如何 谁 为什么 何 どう 誰 なぜ 무엇 어떻게 누가 왜 gi. the_nao ai_la apa. bagaimana siapa. อะไร อย่างไร ใคร ano. paano. sino.",
  encode:
    'encode encoded base64. rot13. hex. cipher reverse. reversed spell. letter_by backwards. acrostic translate. kodier. verschlussel ubersetz. rueckwarts traduis. traduire. encode. codifica. traduce. traduci. traduza. vertaal przetlumacz prelozi. oversatt cevir. закодир перевед переведите ترجم شفر अनुवाद एन्कोड অনুবাদ 编码 翻译 エンコード 翻訳 인코딩 번역 dich. ma_hoa terjemahkan แปล เข้ารหัส isalin',
  write:
    'write. create. generate. compose. produce. develop. draft. make. schreib. schreibe. erstelle. generier ecris. ecrivez cree. redige. genere. escribe. escribir. crea. genera. scrivi. scrivere. escreva. crie. gere. schrijf. maak. napisz. stworz. napis. vytvor skriv. skapa. yaz. olustur напиши создай сгенер اكتب أنشئ लिखें लिखो बनाएं লিখুন লিখ 写. 创建 生成 書いて 作成 써. 작성 viet. tao. tulis. buat. เขียน สร้าง sumulat isulat gumawa',
  money:
    'money. payment. payments. account. bank. iban. bitcoin. btc. wallet. invoice. transaction. credit_card card. geld. konto. zahlung. rechnung. argent. compte. paiement. facture. dinero. cuenta. pago. tarjeta. factura. soldi. conto. pagamento. fattura. dinheiro. conta. fatura. rekening. betaling. konta. platnosc faktur ucet. platba. pengar. betalning hesap. odeme. para. деньги счет счёт платеж оплат حساب دفع पैसे खाता भुगतान টাকা অ্যাকাউন্ট 钱 账户 付款 支付 口座 支払 お金 돈. 계좌 결제 tien. tai_khoan thanh_toan uang. rekening. pembayaran เงิน บัญชี pera. bayad',
  data: 'file. files. document. documents. email. emails. message. messages. contacts. conversation. history. database. context. history. datei. dateien. nachricht. gesprach fichier. message. courriel archivo. archivos. correo. mensaje. file. messaggio. arquivo. mensagem. bestand. bericht. plik. wiadomosc soubor zprav fil. meddelande dosya. mesaj. файл сообщени письм ملف رسالة फ़ाइल संदेश ফাইল বার্তা 文件 邮件 消息 对话 ファイル メール メッセージ 파일 메일 메시지 tep. tin_nhan berkas. pesan. ไฟล์ ข้อความ mensahe',
  task: 'task. tasks. job. goal. goals. objective. mission. todo. aufgabe. aufgaben. ziel. tache. taches. objectif. mission. tarea. tareas. objetivo. mision. compito. compiti. obiettivo. tarefa. tarefas. taak. taken. zadanie. zadania. ukol. ukoly uppgift gorev. задач задани цель مهمة المهمة कार्य काम. কাজ 任务 目标 タスク 任務 작업 임무 nhiem_vu tugas. งาน หน้าที่ gawain',
  person:
    'birth birthday birthdate address. addresses. phone. telephone salary. income. personal surname nickname initials. balance. medical. diagnosis geburt adresse. telefonnummer gehalt. naissance adresse. salaire nacimiento direccion. telefono. cumpleanos nascita indirizzo nascimento endereco geboorte adres. urodz dogum adres. maas рожден адрес телефон зарплат ميلاد عنوان هاتف راتب जन्म पता. फोन वेतन জন্ম ঠিকানা ফোন 生日 出生 地址 电话 工资 誕生 住所 電話 생일 생년 주소 전화 ngay_sinh dia_chi sinh_nhat lahir alamat ulang_tahun วันเกิด ที่อยู่ เบอร์โทร kaarawan tirahan',
  suppose:
    "suppose. supposing assume. assuming hypothetical hypothetically hypothesis imagine. imagining fictional parallel universe dystopia futuristic world. what_if let's. lets. angenommen hypothet stell. vorstell supposons imaginons supposez monde. supongamos imaginemos imagina. mundo. supponiamo immaginiamo mondo. suponha suponhamos imagine. stel. veronderstel zalozmy wyobraz predstav anta. tank_dig varsayalim dusunelim diyelim предположим представ допустим вообраз لنفترض تخيل افترض मान. मान_लो मानो कल्पना ধরুন মনে_করুন 假设 假如 设想 想象 仮に もしも 仮定 想像 가정 만약 gia_su tuong_tuong hay_tuong misalkan bayangkan andaikan สมมติ ipagpalagay isipin",
  letters:
    'letter. letters. character. characters. digit. digits. string. strings. concatenat split. splice interlace part. parts. reverse vowel syllable morse binary hexadecimal rhym word. words. phrase. buchstabe zeichen. wort. worte. worter lettre. lettres. mot. mots. caractere letra. letras. palabra. palabras. caracter lettera lettere parola. parole. palavra woord. letters. slowo. slova. ord. bokstav harf kelime букв слов симв حرف كلمة أحرف अक्षर शब्द অক্ষর শব্দ 字母 字符 单词 单字 文字 単語 글자 단어 문자 chu_cai tu. ky_tu huruf kata. ตัวอักษร คำ titik salita letra',
  boss: 'president. ceo. boss. king. god. creator. owner. manager. police. authority. authorised authorized authoris officer. expert. scientist. doctor. teacher. openai. anthropic. google. microsoft. chef. chefin. praesident prasident besitzer inhaber forscher patron. proprietaire presidente. jefe. dueno capo. padrone. dono. baas. szef. reditel chef. patron. mudur президент бог. босс начальник владел الرئيس المدير مدير राष्ट्रपति मालिक भगवान প্রধান মালিক 总统 老板 主人 专家 大統領 社長 専門家 대통령 사장 주인 전문가 giam_doc tong_thong presiden bos. pemilik ผู้อำนวยการ ประธาน เจ้าของ pangulo amo.',
  end: 'end. finish. finished. complete. completed. begin. start. starting. stop. restart. over. ende. beende. beginn. start. stopp. hor. fin. finis. commence. arrete. termina. empieza. comienza. para. fine. finisci. inizia. ferma. fim. termine. comece. pare. einde. stop. koniec. zacznij. konec. zacni. slut. borja. bitti. basla. dur. конец начни стоп закончи نهاية ابدأ توقف अंत शुरू रोक শেষ শুরু থামু 结束 开始 停止 終了 開始 끝. 시작 중지 ket_thuc bat_dau dung_lai selesai. mulai. berhenti จบ เริ่ม หยุด tapos. simula',
}

const SCRIPTIO_CONTINUA = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

const starts = new Map<string, string>()
const wholes = new Map<string, string>()
const runs = new Map<string, string>()
let runMax = 0
for (const [concept, entries] of Object.entries(LEXICON)) {
  for (const entry of entries.split(' ')) {
    const isWhole = entry.endsWith('.')
    const text = isWhole ? entry.slice(0, -1) : entry
    if (SCRIPTIO_CONTINUA.test(text)) {
      runs.set(text, concept)
      runMax = Math.max(runMax, text.length)
    } else if (isWhole || text.includes('_')) wholes.set(text, concept)
    else starts.set(text, concept)
  }
}

const ofWord = (word: string, next: string): string | undefined => {
  const found = wholes.get(`${word}_${next}`) ?? wholes.get(word) ?? starts.get(word)
  if (found !== undefined) return found
  for (let length = Math.min(word.length, 14); length >= 2; length--) {
    const start = starts.get(word.slice(0, length))
    if (start !== undefined) return start
  }
  return undefined
}

/** The concepts of a text's words in their order; `null` for each other word. Writing without spaces is searched for the longest entry at each place. */
export function conceptsOf(words: readonly string[]): (string | null)[] {
  const found: (string | null)[] = []
  for (const [i, word] of words.entries()) {
    if (!SCRIPTIO_CONTINUA.test(word)) {
      found.push(ofWord(word, words[i + 1] ?? '') ?? null)
      continue
    }
    for (let at = 0; at < word.length;) {
      let length = Math.min(runMax, word.length - at)
      while (length > 0 && !runs.has(word.slice(at, at + length))) length--
      if (length > 0) found.push(runs.get(word.slice(at, at + length)) ?? null)
      at += Math.max(1, length)
    }
  }
  return found
}
