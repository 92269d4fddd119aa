"""The first consent text in the six further languages: the same content, under the same version."""

from django.db import migrations

VERSION = "2026-11"
TEXTS = {
    "ar": (
        "نحتفظ باسمكم وعنوان بريدكم الإلكتروني مشفَّرين، ونستخدمهما لاحتسابكم مرة واحدة، ولتتمكنوا من "
        "التأكيد أو السحب، ولما تختارونه أعلاه، ولا شيء غير ذلك. لا يظهر اسمكم في أي مكان إلا إذا اخترتم "
        "ذلك. لا نحفظ أي عنوان IP. يمكنكم في أي وقت الاطلاع على توقيعكم أو سحبه أو حذفه بالرابط الموجود "
        "في بريدنا. يُحذف التوقيع غير المؤكَّد بعد 14 يومًا."
    ),
    "es": (
        "Guardamos su nombre y su dirección de correo electrónico cifrados, y los usamos para contarle "
        "una sola vez, para que pueda confirmar o retirar su firma y para lo que marque arriba, para "
        "nada más. Su nombre no aparece en ningún sitio a menos que usted lo marque. No guardamos "
        "ninguna dirección IP. En cualquier momento puede ver, retirar o borrar su firma con el enlace "
        "de nuestro correo. Una firma sin confirmar se borra al cabo de 14 días."
    ),
    "kk": (
        "Атыңыз бен электрондық пошта мекенжайыңызды шифрланған күйде сақтаймыз және оларды сізді бір "
        "рет есептеу, растауыңызға немесе қайтарып алуыңызға мүмкіндік беру және жоғарыда белгілегеніңіз "
        "үшін ғана қолданамыз. Өзіңіз белгілемесеңіз, атыңыз ешқайда көрінбейді. IP мекенжайын "
        "сақтамаймыз. Хабарламамыздағы сілтеме арқылы қолыңызды кез келген уақытта көре, қайтарып ала "
        "немесе өшіре аласыз. Расталмаған қол 14 күннен кейін өшіріледі."
    ),
    "ru": (
        "Мы храним ваше имя и адрес электронной почты зашифрованными и используем их, чтобы посчитать "
        "вас один раз, чтобы вы могли подтвердить или отозвать подпись, и для того, что вы отметили "
        "выше, больше ни для чего. Ваше имя нигде не появится, если вы этого не отметите. Мы не "
        "сохраняем IP-адрес. В любое время вы можете увидеть, отозвать или удалить свою подпись по "
        "ссылке в нашем сообщении. Неподтверждённая подпись удаляется через 14 дней."
    ),
    "ug": (
        "ئىسمىڭىز ۋە ئېلخەت ئادرېسىڭىزنى شىفىرلانغان ھالەتتە ساقلايمىز، ئۇلارنى پەقەت سىزنى بىر قېتىم "
        "ساناش، جەزملىشىڭىز ياكى قايتۇرۇۋېلىشىڭىز ۋە يۇقىرىدا بەلگىلىگەنلىرىڭىز ئۈچۈن ئىشلىتىمىز، باشقا "
        "ھېچنېمە ئۈچۈن ئەمەس. بەلگىلىمىسىڭىز، ئىسمىڭىز ھېچيەردە كۆرۈنمەيدۇ. IP ئادرېسىنى ساقلىمايمىز. "
        "ئېلخېتىمىزدىكى ئۇلانما ئارقىلىق ئىمزايىڭىزنى خالىغان ۋاقىتتا كۆرەلەيسىز، قايتۇرۇۋالالايسىز ياكى "
        "ئۆچۈرەلەيسىز. جەزملەنمىگەن ئىمزا 14 كۈندىن كېيىن ئۆچۈرۈلىدۇ."
    ),
    "zh-hans": (
        "我们以加密方式保存您的姓名和电子邮箱地址，只用于将您计算一次、让您可以确认或撤回，以及您在上面勾"
        "选的事项，不作他用。除非您勾选，您的姓名不会出现在任何地方。我们不保存 IP 地址。您可以随时通"
        "过我们邮件中的链接查看、撤回或删除您的签名。未确认的签名会在 14 天后删除。"
    ),
}


def add(apps, schema_editor):
    ConsentText = apps.get_model("signatures", "ConsentText")
    for language, text in TEXTS.items():
        ConsentText.objects.get_or_create(version=VERSION, language=language, defaults={"text": text})


def remove(apps, schema_editor):
    texts = apps.get_model("signatures", "ConsentText").objects.filter(version=VERSION, language__in=TEXTS)
    texts.filter(signature=None).delete()


class Migration(migrations.Migration):
    dependencies = [("signatures", "0011_signature_source_index")]
    operations = [migrations.RunPython(add, remove)]
