from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0009_counted_items"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="item", name="item_next"),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["campaign", "purpose", "-n_taken", "block"],
                condition=models.Q(needs_rating=True, n_wanted__isnull=True),
                name="item_lacking_usual",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["campaign", "purpose", "-n_taken", "block"],
                condition=models.Q(n_taken__lt=models.F("n_wanted"), needs_rating=True),
                name="item_lacking_called",
            ),
        ),
    ]
