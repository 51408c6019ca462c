"""Invented texts of the invented channels: templates in Russian and Uzbek (Latin), filled by a seeded die."""

from __future__ import annotations

import random

_SLOTS: dict[str, tuple[str, ...]] = {
    "city": ("Самарканде", "Ташкенте", "Бухаре", "Фергане", "Андижане", "Намангане", "Навои", "Ургенче", "Карши"),
    "shahar": ("Samarqandda", "Toshkentda", "Buxoroda", "Farg‘onada", "Andijonda", "Namanganda", "Xivada"),
    "street": ("Регистан", "Университетский бульвар", "улица Амира Темура", "Гагарина", "Рудаки", "Дагбитская"),
    "who": ("хокимият области", "Минэкономфин", "пресс-служба УВД", "Узгидромет", "Нацкомстат", "Минздрав"),
    "what": ("новую школу", "поликлинику", "парк", "автовокзал", "мост", "детский сад", "спортивный комплекс"),
    "percent": ("4", "7", "12", "15", "18", "23", "31"),
    "money": ("1,2 млрд", "840 млн", "3,5 млрд", "12 млрд", "27 млрд", "410 млн"),
    "temp": ("+3", "+8", "+14", "+21", "+28", "+35", "+39"),
    "hours": ("с 9:00 до 17:00", "с 22:00 до 6:00", "весь день", "до конца недели"),
    "item": ("чайник", "пиала ручной работы", "сюзане", "шёлковый платок", "ковёр", "ляган", "набор специй", "чапан"),
    "buyum": ("choynak", "piyola", "so‘zana", "atlas ro‘mol", "gilam", "lagan", "ziravorlar to‘plami", "chopon"),
    "price": ("45 000", "89 000", "120 000", "199 000", "250 000", "340 000", "560 000", "1 200 000"),
    "sale": ("10", "15", "20", "25", "30", "40"),
    "mavzu": ("shahar", "bozor", "do‘stlik", "vaqt", "kitob", "bahor", "yo‘l", "til", "ona yurt", "choy"),
    "tema": ("городе", "базаре", "дружбе", "времени", "книгах", "весне", "дороге", "языке", "чае"),
    "place": ("Регистан", "Шахи-Зинда", "Биби-Ханым", "Гур-Эмир", "обсерватория Улугбека", "Сиабский базар"),
    "light": ("на рассвете", "перед грозой", "в первый снег", "после дождя", "в золотой час", "ночью"),
    "osh": ("osh", "somsa", "lag‘mon", "manti", "shashlik", "norin", "sho‘rva"),
}

_TEMPLATES: dict[str, tuple[str, ...]] = {
    "news": (
        "**В {city} открыли {what}**\n\nСтроительство заняло два года и обошлось в {money} сумов. Источник — {who}.",
        "В {city} на {percent} % выросло число туристов за месяц. Данные приводит {who}.",
        "⚡️ {street}: движение ограничено {hours}. Объезд — по соседним улицам.",
        "Завтра в {city} до {temp} °C, местами дождь. Прогноз дал Узгидромет.",
        "**{who}**: цены на овощи в {city} снизились на {percent} %.\n\nДешевле всего — помидоры и лук.",
        "В {city} отключат воду {hours}. Список домов — в [сообщении водоканала](https://example.com/suv).",
        "На ремонт дорог в {city} выделят {money} сумов. Работы начнут, как только подсохнет грунт.",
        "Фото дня: {place} {light}. Автор — @registon_foto",
        "В {city} поймали мошенника, который продавал несуществующие билеты. Ущерб — {money} сумов.",
        "Поезд «Афросиаб» изменит расписание {hours}. #транспорт",
        "{shahar} yangi avtobus yo‘nalishi ochildi. Batafsil: https://example.com/avtobus",
        "Сотрудники скорой в {city} спасли троих человек после ДТП на {street}. #происшествия",
        "Курс доллара вырос на {percent} сумов. Что будет дальше — спросили у экономистов.",
        "**Итоги недели в {city}:** рост цен, новый рейс и {what} за {money} сумов.",
        "В {city} начался сезон дынь. Цены на Сиабском базаре — от 5 000 сумов за килограмм.",
        "{who} объявил конкурс на {what}. Заявки принимают до конца месяца.",
    ),
    "shop": (
        "🔥 {item} — {price} сум. Доставка по Узбекистану за 2 дня. Заказ: @anor_market_bot",
        "🔥 {buyum} — {price} so‘m. Yetkazib berish 2 kunda. Buyurtma: @anor_market_bot",
        "**Скидка {sale} %** только сегодня: {item}. Старая цена — {price} сум. #скидка",
        "**Chegirma {sale} %!** Faqat bugun: {buyum}. #chegirma",
        "Новинка! {item}, ручная работа мастеров из {city}. Цена — {price} сум.",
        "Yangi mahsulot: {buyum}. Narxi {price} so‘m. [Katalog](https://example.com/katalog)",
        "Отзывы покупателей за неделю — спасибо вам! Ещё больше — в каталоге: https://example.com/anor",
        "Розыгрыш: {item} среди подписчиков. Условия просты — быть с нами до воскресенья.",
    ),
    "blog": (
        "**{mavzu} haqida**\n\nBugun {shahar} aylanib, bir narsani o‘yladim: {mavzu} — bu o‘ylaganimizdan ko‘p narsa. "
        "Bolaligimda hammasi boshqacha edi, lekin ko‘cha hidi o‘sha-o‘sha.",
        "Думаю о {tema}. В {city} это чувствуется острее: люди не спешат, и разговор начинается с чая.\n\n"
        "А вы давно просто гуляли без цели?",
        "Kitob o‘qiyapman. Muallif {mavzu} to‘g‘risida yozadi, men esa {shahar} ko‘rgan kunimni eslayman.",
        "Вчера был в {city}. Маршрут: {place}, потом плов у знакомого ошпаза. Советую [этот канал с фото]"
        "(https://t.me/registon_foto).",
        "Savol: sizningcha, {mavzu} nima? Izohlarda yozing 👇",
        "Три мысли о {tema}:\n1. Начинать рано.\n2. Не сравнивать.\n3. Возвращаться.",
        "Do‘stlar, @choyxona_uz da {osh} zo‘r ekan. Reklama emas, haqiqat 🙂",
    ),
    "photo": (
        "{place} {light} 📷",
        "{shahar}, erta tong. #fotosayr",
        "{place}. Плёнка, 50 мм. #samarkand",
        "Прогулка: {place} → {street}. Кто узнал место?",
        "Bahor keldi. {shahar} 🌸",
    ),
    "tiny": (
        "Bugun menyuda: {osh}. Kutib qolamiz!",
        "Ertaga {hours} ishlaymiz.",
        "{osh} — {price} so‘m. Yetkazib berish bor.",
        "Rahmat, aziz mehmonlar! 🍵",
    ),
}

QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Какая погода вам ближе?", ("Жара", "Прохлада", "Снег")),
    ("Qaysi taom yaxshiroq?", ("Osh", "Somsa", "Lag‘mon", "Manti")),
    ("Поедете за город в выходные?", ("Да", "Нет", "Ещё думаю")),
    ("Kitob o‘qiysizmi?", ("Har kuni", "Ba’zan", "Yo‘q")),
    ("Что писать чаще?", ("Новости", "Истории", "Фото")),
)


def text_of(style: str, dice: random.Random) -> str:
    """One text in a style; ``**bold**`` and ``[label](url)`` marks become entities later."""
    template = dice.choice(_TEMPLATES[style])
    return template.format(**{name: dice.choice(values) for name, values in _SLOTS.items()})
