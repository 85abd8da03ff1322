from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0003_participation_and_controls"),
    ]

    operations = [
        migrations.AddField(
            model_name="guess",
            name="is_tuned",
            field=models.BooleanField(
                null=True,
                blank=True,
                help_text="whether they took the output for the tuned model's",
            ),
        ),
    ]
