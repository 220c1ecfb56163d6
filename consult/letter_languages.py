"""PURE. What a letter says in other languages: a line on the front for each, and one of them on the back.

Fixed texts, since nobody may alter what a voter reads after the freeze. Dutch prevails, and each back says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from babel.dates import format_date

RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True)
class Texts:
    """A language: its line on the front, and title and paragraphs of the back.

    `%(host)s` is where one votes, `%(day)s` the last day, `%(phone)s` whom to call. `reviewed` says who checked the
    texts and when; None while nobody did.
    """

    line: str
    title: str
    paragraphs: tuple[str, ...]
    reviewed: str | None = None


TEXTS: Mapping[str, Texts] = MappingProxyType(
    {
        "en": Texts(
            "English: go to %(host)s and choose English.",
            "Your neighbourhood asks what you think",
            (
                "Every address in your neighbourhood gets one letter. You can vote until and including %(day)s.",
                "Scan the square code on the front with the camera of your phone. Or go to %(host)s and type "
                "the code of five groups. There you can choose English.",
                "One vote per letter. Do you live with more people? Decide together.",
                "Your vote is secret: we keep it without a name or an address. We do see that a letter was used.",
                "We never ask for DigiD, BSN, money or your name. Do not put a photo of this letter on the internet.",
                "Questions? Call %(phone)s. The Dutch text on the front is the one that counts.",
            ),
        ),
        "tr": Texts(
            "Türkçe: %(host)s adresine gidin ve Türkçe'yi seçin.",
            "Mahalleniz ne düşündüğünüzü soruyor",
            (
                "Mahallenizdeki her adrese bir mektup gönderilir. Bu mektupla %(day)s gününün sonuna kadar oy "
                "verebilirsiniz.",
                "Ön yüzdeki kare kodu telefonunuzun kamerasıyla okutun. Ya da %(host)s adresine gidin ve beş gruptan "
                "oluşan kodu yazın. Orada Türkçe'yi seçebilirsiniz.",
                "Her mektup bir oydur. Birlikte mi yaşıyorsunuz? Birlikte karar verin.",
                "Oyunuz gizlidir: adınız ve adresiniz olmadan saklarız. Yalnızca mektubun kullanıldığını görürüz.",
                "DigiD, BSN, para veya adınızı asla sormayız. Bu mektubun fotoğrafını internete koymayın.",
                "Sorunuz mu var? %(phone)s numarasını arayın. Geçerli olan, ön yüzdeki Hollandaca metindir.",
            ),
        ),
        "ar": Texts(
            "العربية: اذهب إلى %(host)s واختر العربية.",
            "حيّك يسألك عن رأيك",
            (
                "يحصل كل عنوان في الحي على رسالة واحدة. يمكنك التصويت بها حتى نهاية يوم %(day)s.",
                "امسح الرمز المربع في الصفحة الأمامية بكاميرا هاتفك. أو اذهب إلى %(host)s واكتب الرمز المكوّن من خمس "
                "مجموعات. يمكنك هناك اختيار العربية.",
                "صوت واحد لكل رسالة. هل تسكن مع آخرين؟ قرروا معًا.",
                "صوتك سري: نحفظه بلا اسم ولا عنوان. نرى فقط أن الرسالة قد استُعملت.",
                "لا نطلب أبدًا DigiD أو BSN أو مالًا أو اسمك. لا تنشر صورة هذه الرسالة على الإنترنت.",
                "هل لديك أسئلة؟ اتصل بالرقم %(phone)s. النص الهولندي في الصفحة الأمامية هو المعتمد.",
            ),
        ),
        "pl": Texts(
            "Polski: wejdź na %(host)s i wybierz polski.",
            "Twoja dzielnica pyta Cię o zdanie",
            (
                "Każdy adres w dzielnicy dostaje jeden list. Można nim głosować do końca dnia: %(day)s.",
                "Zeskanuj kwadratowy kod z przodu aparatem telefonu. Albo wejdź na %(host)s i wpisz kod złożony "
                "z pięciu grup. Tam możesz wybrać polski.",
                "Jeden głos na list. Mieszkasz z innymi? Zdecydujcie razem.",
                "Twój głos jest tajny: przechowujemy go bez nazwiska i adresu. Widzimy tylko, że list został użyty.",
                "Nigdy nie prosimy o DigiD, BSN, pieniądze ani nazwisko. Nie pokazuj zdjęcia listu w internecie.",
                "Masz pytania? Zadzwoń: %(phone)s. Obowiązuje niderlandzki tekst z przodu.",
            ),
        ),
        "uk": Texts(
            "Українська: %(host)s, виберіть українську.",
            "Ваш район питає вашу думку",
            (
                "Кожна адреса в районі отримує один лист. Ним можна голосувати до кінця дня: %(day)s.",
                "Відскануйте квадратний код на лицьовому боці камерою телефону. Або зайдіть на %(host)s і введіть код "
                "із п'яти груп. Там можна вибрати українську.",
                "Один голос на лист. Живете не самі? Вирішіть разом.",
                "Ваш голос таємний: ми зберігаємо його без імені та адреси. Ми бачимо лише, що лист використано.",
                "Ми ніколи не просимо DigiD, BSN, гроші чи ваше ім'я. Не публікуйте фото цього листа в інтернеті.",
                "Є питання? Телефонуйте: %(phone)s. Чинним є нідерландський текст на лицьовому боці.",
            ),
        ),
        "so": Texts(
            "Soomaali: tag %(host)s oo dooro Soomaali.",
            "Xaafaddaadu waxay ku weydiinaysaa fikirkaaga",
            (
                "Ciwaan kasta oo xaafadda ku yaal wuxuu helayaa hal warqad. Waxaad ku codayn kartaa ilaa dhammaadka "
                "maalinta %(day)s.",
                "Ku sawir koodhka afar geesoodka ah ee hore kamaradda taleefankaaga. Ama tag %(host)s oo qor koodhka "
                "shanta kooxood ah. Halkaas waxaad ka dooran kartaa Soomaali.",
                "Warqad kasta waa hal cod. Dad kale ma la nooshahay? Wada go'aansada.",
                "Codkaagu waa sir: waxaan ku haynaa magac iyo ciwaan la'aan. Waxaan kaliya aragnaa in warqadda la "
                "isticmaalay.",
                "Weligeen ma weydiinno DigiD, BSN, lacag ama magacaaga. Ha soo gelin sawirka warqaddan internetka.",
                "Su'aalo ma qabtaa? Wac %(phone)s. Qoraalka Nederlandka ee hore ayaa dhaqan gal ah.",
            ),
        ),
        "ti": Texts(
            "ትግርኛ፦ ናብ %(host)s ኪዱ እሞ ትግርኛ ምረጹ።",
            "ከባቢኹም ርእይቶኹም ይሓትት ኣሎ",
            (
                "ነፍሲ ወከፍ ኣድራሻ ኣብ ከባቢ ሓንቲ ደብዳቤ ይረክብ። ብእኣ ክሳብ መወዳእታ %(day)s ክትድምጹ ትኽእሉ።",
                "ነቲ ኣብ ቅድሚት ዘሎ ርቡዕ ኮድ ብካሜራ ተሌፎንኩም ስካን ግበርዎ። ወይ ናብ %(host)s ኪዱ እሞ ነቲ ሓሙሽተ ጉጅለ ዘለዎ ኮድ ጽሓፍዎ።",
                "ንሓንቲ ደብዳቤ ሓደ ድምጺ። ምስ ካልኦት ትነብሩ ዲኹም? ብሓባር ወስኑ።",
                "ድምጽኹም ምስጢር እዩ፦ ብዘይ ስምን ኣድራሻን ንዕቅቦ።",
                "DigiD፣ BSN፣ ገንዘብ ወይ ስምኩም ፈጺምና ኣይንሓትትን። ስእሊ ናይዛ ደብዳቤ ኣብ ኢንተርነት ኣይተእትዉ።",
                "ሕቶ ኣለኩም ዲዩ? ናብ %(phone)s ደውሉ። እቲ ኣብ ቅድሚት ዘሎ ጽሑፍ ሆላንድኛ እዩ ዝጸንዕ።",
            ),
        ),
    }
)


def usable(unreviewed: bool) -> tuple[str, ...]:
    """Return the languages a letter may have: what nobody reviewed is off in a real town."""
    return tuple(code for code, texts in TEXTS.items() if texts.reviewed or unreviewed)


def direction(language: str) -> str:
    """Return which way a language runs: "ltr" or "rtl"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def lines(languages: Iterable[str], host: str) -> list[tuple[str, str]]:
    """Return (language, line) for each of these languages that a letter knows; Dutch is left out."""
    return [(each, TEXTS[each].line % {"host": host}) for each in languages if each in TEXTS]


def back(language: str, host: str, last_day: date, phone: str) -> tuple[str, tuple[str, ...]]:
    """Return title and paragraphs of the back in a language. Raises KeyError where a letter does not know it."""
    texts = TEXTS[language]
    day = format_date(last_day, "full" if language == "ti" else "EEEE d MMMM y", locale=language)
    values = {
        "host": host,
        "phone": f"\u2066{phone}\u2069",
        "day": day,
    }  # a number reads from the left in any script
    return texts.title, tuple(paragraph % values for paragraph in texts.paragraphs)
