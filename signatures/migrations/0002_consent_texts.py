"""The first consent text in each language. A later wording is a new migration with a new version."""

from django.db import migrations

VERSION = "2026-11"
TEXTS = {
    "en": (
        "We keep your name and e-mail address encrypted, and use them to count you once, to let you confirm or "
        "withdraw, and for what you tick above, for nothing else. Your name appears nowhere unless you tick it. We "
        "store no IP address. You can see, withdraw or erase your signature at any time by the link in our mail. An "
        "unconfirmed signature is deleted after 14 days."
    ),
    "fr": (
        "Nous conservons votre nom et votre adresse e-mail sous forme chiffrée et ne les utilisons que pour vous "
        "compter une seule fois, pour vous permettre de confirmer ou de retirer votre signature, et pour ce que vous "
        "cochez ci-dessus. Votre nom n’apparaît nulle part si vous ne l’avez pas coché. Nous n’enregistrons aucune "
        "adresse IP. Vous pouvez à tout moment voir, retirer ou effacer votre signature grâce au lien figurant dans "
        "notre message. Une signature non confirmée est supprimée au bout de 14 jours."
    ),
}


def add(apps, schema_editor):
    ConsentText = apps.get_model("signatures", "ConsentText")
    for language, text in TEXTS.items():
        ConsentText.objects.get_or_create(version=VERSION, language=language, defaults={"text": text})


def remove(apps, schema_editor):
    apps.get_model("signatures", "ConsentText").objects.filter(version=VERSION, signature=None).delete()


class Migration(migrations.Migration):
    dependencies = [("signatures", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
