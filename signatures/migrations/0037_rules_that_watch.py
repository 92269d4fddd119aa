from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signatures", "0036_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="rule",
            name="network",
            field=models.CharField(blank=True, db_default="", max_length=43, verbose_name="network"),
        ),
        migrations.AddField(
            model_name="rule",
            name="watches_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="watches until"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(network="") | models.Q(action="hold"), name="rule_with_a_network_holds"
            ),
        ),
    ]
